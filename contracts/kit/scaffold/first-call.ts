/** The call that is shown and tried from the first minute. */
import type { Auth } from "./auth.ts";
import { examplesOf } from "./code-places.ts";
import { ScaffoldError } from "./failure.ts";
import { deref, isNode, listOf } from "./read-spec.ts";
import type { Node } from "./read-spec.ts";
import type { Sampler } from "./sample.ts";

export interface FirstCall {
  operation: string;
  input: Node;
}

/** One that asks for nothing made before (no path parameter) first, then reads: it stays true once the mock has state. */
export function firstCall(document: Node, sample: Sampler, auth: Auth): FirstCall {
  const token = auth.kind === "oauth2" ? auth.tokenOperation : undefined;
  const weight = ({ path, operation }: { path: string; operation: Node }): number =>
    (path.includes("{") ? 2 : 0) + (operation["x-effect"] === "read" ? 0 : 1);
  const candidates = operationsIn(document)
    .filter(({ operation }) => operation["operationId"] !== token)
    .toSorted((a, b) => weight(a) - weight(b));
  for (const { operation } of candidates) {
    const input = inputOf(document, sample, operation);
    if (input !== undefined) return { operation: String(operation["operationId"]), input };
  }
  throw new ScaffoldError(`--from: no request could be made up for any operation: give its body an example`);
}

function inputOf(document: Node, sample: Sampler, operation: Node): Node | undefined {
  const input: Record<string, Node> = {};
  for (const each of listOf(operation["parameters"])) {
    const parameter = deref(document, each);
    if (parameter === undefined || (parameter["required"] !== true && parameter["in"] !== "path")) continue;
    const given =
      parameter["example"] ?? Object.values((parameter["examples"] ?? {}) as Record<string, Node>)[0]?.["value"];
    const made = sample(parameter["schema"], false, given);
    if (!made.fits) return undefined;
    (input[String(parameter["in"])] ??= {})[String(parameter["name"])] = made.value;
  }
  const body = deref(document, operation["requestBody"]);
  const media = Object.values((body?.["content"] ?? {}) as Node)[0];
  if (!isNode(media)) return input;
  const made = sample(media["schema"], false, examplesOf(document, media)[0]);
  return made.fits ? { ...input, body: made.value } : undefined;
}

/** Every operation of the document. */
export function operationsIn(document: Node): { path: string; method: string; operation: Node }[] {
  return Object.entries(document["paths"] as Node).flatMap(([path, item]) =>
    Object.entries(item as Node).flatMap(([method, operation]) =>
      isNode(operation) ? [{ path, method, operation }] : [],
    ),
  );
}
