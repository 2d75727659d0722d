/** What is shown of one operation or one callback, on the page and in the terminal alike: plain data. */
import type { RunningMock, Violation, WireRequest } from "#mocks";
import { checkAnswer, checkRequest } from "../../../mocks/harness/check.ts";
import type { VendorSpec } from "../../../mocks/harness/spec.ts";
import type { Attempt, ReceivedCallback, Served, Turn } from "../fixtures/watched.ts";
import { outsideContract } from "../fixtures/our-contract.ts";
import { curl, shownBody } from "./curl.ts";
import type { Mask } from "./curl.ts";

interface ShownTurn {
  operation: string;
  attempts: { curl: string; status: string; headers: string; body: string }[];
  /** What the road made of it, if not an answer. */
  fault?: string;
}

interface ShownMapping {
  operation: string;
  outcome: string;
  /** The resource body, or the problem with the operator's detail. */
  said: string;
}

export interface Shown {
  id: number;
  at: string;
  kind: "operation" | "callback";
  title: string;
  asked: string;
  turns: ShownTurn[];
  mappings: ShownMapping[];
  answered?: { status: number; body: string };
  violations: string[];
  note?: string;
}

const ofTheSocket = new Set(["connection", "keep-alive", "content-length", "date", "transfer-encoding"]);

export interface Looking {
  mask: Mask;
  spec: VendorSpec;
  mock: RunningMock | undefined;
}

/** The turns with their bytes. */
export function shownTurns(turns: readonly Turn[], { mask }: Looking): ShownTurn[] {
  return turns.map(({ operation, attempts, fault }) => ({
    operation,
    attempts: attempts.map((attempt) => ({
      curl: attempt.request === undefined ? "(nothing was signed)" : curl(attempt.request, mask),
      status:
        attempt.error === undefined
          ? String(attempt.status ?? "no answer")
          : `${attempt.status ?? "no answer"} · ${attempt.error}`,
      headers: Object.entries(attempt.headers)
        .filter(([name]) => !ofTheSocket.has(name))
        .map(([name, value]) => `${name}: ${mask(value)}`)
        .join("\n"),
      body: shownBody(attempt.bytes, mask),
    })),
    ...(fault === undefined ? {} : { fault: `${fault.code}, ${fault.outcome}: ${mask(fault.message)}` }),
  }));
}

/** What the mapping made of it. */
export function shownMapping(
  { operationId, outcome }: Pick<Served, "operationId" | "outcome">,
  { mask }: Looking,
): ShownMapping {
  const said =
    outcome.outcome === "done"
      ? {
          body: outcome.body,
          ...(outcome.state === undefined ? {} : { state: outcome.state }),
          handles: outcome.handles,
        }
      : { problem: outcome.fault.code, detail: outcome.fault.message, vendor: outcome.fault.vendor };
  return { operation: operationId, outcome: outcome.outcome, said: mask(JSON.stringify(said, undefined, 2)) };
}

/** Everything that left either spec: the vendor's by our own look at the bytes and by the mock's, ours by the answers. */
export function violationsOf(served: readonly Served[], before: number, looking: Looking): string[] {
  const { mock } = looking;
  const theirs = served
    .flatMap(({ turns }) => turns)
    .flatMap(({ operation, attempts }) => attempts.flatMap((attempt) => ownCheck(operation, attempt, looking)));
  const seen = mock?.violations.slice(before).map(vendorLine) ?? [];
  return [...new Set([...theirs, ...seen]), ...served.flatMap(ourViolation)];
}

function ourViolation({ operationId, outcome }: Served): string[] {
  const wrong = outcome.outcome === "done" ? outsideContract(operationId, outcome.body) : undefined;
  return wrong === undefined ? [] : [`our contract, ${operationId} answer: ${wrong}`];
}

function ownCheck(operation: string, { request, status, headers, bytes }: Attempt, { spec }: Looking): string[] {
  const known = spec.get(operation);
  if (known === undefined || request === undefined) return [];
  const wire: WireRequest = {
    method: request.method,
    target: request.url.pathname + request.url.search,
    path: request.url.pathname,
    query: request.url.searchParams,
    headers: request.headers,
    rawHeaders: Object.entries(request.headers).flat(),
    body: request.body ?? Buffer.alloc(0),
  };
  const asked = checkRequest(known, wire, () => undefined).map((message) => ({
    operation,
    where: "request" as const,
    message,
  }));
  if (status === undefined) return asked.map(vendorLine);
  const answered = checkAnswer(known, { status, headers, body: bytes }, () => undefined);
  return [...asked, ...answered.map((message) => ({ operation, where: "answer" as const, message }))].map(vendorLine);
}

const vendorLine = ({ operation, where, message }: Violation): string =>
  `vendor's spec, ${operation} ${where}: ${message}`;

/** A callback: what came, the adapter's judgement, what moved. */
export function shownCallback(id: number, at: Date, callback: ReceivedCallback, looking: Looking): Shown {
  const { request, verdict, outcome, result } = callback;
  const { mask } = looking;
  const headers = Object.entries(request.headers).map(([name, value]) => `${name}: ${value}`);
  const why = verdict !== undefined && "why" in verdict ? `: ${verdict.why}` : "";
  return {
    id,
    at: at.toISOString(),
    kind: "callback",
    title: `callback · ${verdict?.verdict ?? "not judged"}${why} · ${result ?? "not answered"}`,
    asked: mask(
      [`${request.method} /callbacks${request.target}`, ...headers, "", shownBody(request.body, mask)].join("\n"),
    ),
    turns: shownTurns(callback.turns, looking),
    mappings:
      outcome === undefined
        ? []
        : [
            shownMapping(
              {
                operationId:
                  verdict?.verdict === "verified"
                    ? (`${verdict.capability}.get` as Served["operationId"])
                    : ("callback" as Served["operationId"]),
                outcome,
              },
              looking,
            ),
          ],
    violations: [],
  };
}
