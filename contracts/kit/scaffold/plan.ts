/** Everything about the vendor that the files are written from. */
import { authOf, serverOf, withTokenOperation } from "./auth.ts";
import type { Auth } from "./auth.ts";
import { examplesOf } from "./code-places.ts";
import { findCodes } from "./codes.ts";
import type { FoundCode } from "./codes.ts";
import { firstCall, operationsIn } from "./first-call.ts";
import type { FirstCall } from "./first-call.ts";
import { ScaffoldError } from "./failure.ts";
import { title } from "./names.ts";
import { deref, isNode } from "./read-spec.ts";
import type { Node } from "./read-spec.ts";
import { sampler } from "./sample.ts";
import type { Sampler } from "./sample.ts";
import { trim } from "./trim.ts";

export interface Answer {
  status: number;
  contentType: string | undefined;
  body: unknown;
  headers: Record<string, string>;
}

interface Endpoint {
  operation: string;
  method: string;
  path: string;
  summary: string;
  effect: string;
  /** The first success that the document describes. */
  success: Answer;
  /** What it answers to a wrong credential, if the document says. */
  unauthorised: Answer | undefined;
  /** An ordinary refusal of its, if the document describes one. */
  refused: Answer | undefined;
}

export interface Plan {
  name: string;
  title: string;
  capabilities: string[];
  from: string | undefined;
  document: Node;
  server: URL;
  auth: Auth;
  codes: FoundCode[];
  codeAt: string[];
  endpoints: Endpoint[];
  first: FirstCall;
  leftOut: string[];
}

export function makePlan(name: string, capabilities: string[], source: Node, from: string | undefined): Plan {
  const trimmed = trim(source);
  const { document: described, auth } = withTokenOperation(trimmed.document, authOf(trimmed.document));
  const { found, at } = findCodes(described);
  const document: Node = {
    ...described,
    ...(found.length === 0
      ? {}
      : { "x-error-codes": Object.fromEntries(found.map(({ code, meaning }) => [code, meaning])) }),
  };
  const sample = sampler(document);
  const endpoints = endpointsOf(document, sample);
  if (endpoints.length === 0) {
    throw new ScaffoldError(
      `--from: no operation can be called: ${trimmed.leftOut.join("; ") || "the paths have none"}`,
    );
  }
  const info = isNode(document["info"]) ? document["info"] : {};
  return {
    name,
    title: typeof info["title"] === "string" ? info["title"] : title(name),
    capabilities,
    from,
    document: { ...document, info: { version: "0", ...info, title: info["title"] ?? title(name) } },
    server: serverOf(document),
    auth,
    codes: found,
    codeAt: at,
    endpoints,
    first: firstCall(document, sample, auth),
    leftOut: trimmed.leftOut,
  };
}

function endpointsOf(document: Node, sample: Sampler): Endpoint[] {
  return operationsIn(document).map(({ path, method, operation }) => {
    const answers = Object.entries((operation["responses"] ?? {}) as Node);
    const where = `${method.toUpperCase()} ${path}`;
    const [status, answer] =
      answers.find(([each]) => each.startsWith("2")) ?? answers.find(([each]) => each === "default") ?? [];
    if (status === undefined) throw new ScaffoldError(`--from: ${where} describes no success: give it a 2xx response`);
    const refusal =
      answers.find(([each]) => each === "401") ??
      answers.find(([each]) => each === "403") ??
      answers.find(([each]) => /^4XX$/i.test(each));
    const no = ["400", "422", "409", "404", "4XX", "403", "default"].flatMap((each) =>
      answers.filter(([code]) => code === each),
    )[0];
    return {
      refused: no === undefined ? undefined : answerOf(document, sample, no[1], statusOf(no[0], 400), where),
      operation: String(operation["operationId"]),
      method: method.toUpperCase(),
      path,
      summary: String(operation["summary"] ?? "").split("\n")[0] ?? "",
      effect: String(operation["x-effect"]),
      success: answerOf(document, sample, answer, statusOf(status, 200), where),
      unauthorised:
        refusal === undefined ? undefined : answerOf(document, sample, refusal[1], statusOf(refusal[0], 401), where),
    };
  });
}

function statusOf(text: string, usual: number): number {
  return /^\d{3}$/.test(text) ? Number(text) : usual;
}

function answerOf(document: Node, sample: Sampler, value: unknown, status: number, where: string): Answer {
  const response = deref(document, value) ?? {};
  const [contentType, media] = Object.entries((response["content"] ?? {}) as Node)[0] ?? [];
  const headers = Object.entries((response["headers"] ?? {}) as Node).flatMap(([header, each]) => {
    const declared = deref(document, each);
    return declared?.["required"] === true ? [[header, String(sample(declared["schema"], true).value)]] : [];
  });
  const answer = { status, contentType, headers: Object.fromEntries(headers) as Record<string, string> };
  if (!isNode(media)) return { ...answer, contentType: undefined, body: undefined };
  const made = sample(media["schema"], true, examplesOf(document, media)[0]);
  if (!made.fits)
    throw new ScaffoldError(`--from: no answer could be made up for ${where} ${status}: give that response an example`);
  return { ...answer, body: made.value };
}
