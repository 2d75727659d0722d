import type { Problem } from "#problem";
import { problemBody } from "#problem";
import { signResponse } from "#signature";
import type { RequestBinding } from "#signature";
import { exchangeEntry } from "../evidence/index.ts";
import { newRequestId } from "./identify.ts";
import type { Responder } from "./respond.ts";

/** An answer given before any stage has seen the request. */
export interface UnboundAnswer {
  status: number;
  headers: Record<string, string | number>;
  body: Buffer;
}

/** A problem, signed and recorded, for what never came to the stages: bytes that are no request, or one too many. */
export function unboundAnswer(responder: Responder, problem: Problem, request?: RequestBinding): UnboundAnswer {
  const requestId = newRequestId();
  const body = Buffer.from(JSON.stringify(problemBody(problem, requestId)));
  const contentType = "application/problem+json";
  const atMs = responder.now().getTime();
  const signed = signResponse({
    status: problem.status,
    headers: { "Content-Type": contentType },
    body,
    request,
    key: responder.key,
    created: Math.floor(atMs / 1_000),
  });
  const answer = { status: problem.status, keyid: responder.key.keyid, signed, contentType };
  const asked = request === undefined ? {} : { request: { binding: request, rawHeaders: [] } };
  responder.evidence.record(exchangeEntry({ atMs, requestId, ...asked, answer, code: problem.code, replayed: false }));
  return {
    status: problem.status,
    headers: {
      ...signed,
      "Content-Type": contentType,
      "Content-Length": body.length,
      "Cache-Control": "no-store",
      "Request-Id": requestId,
    },
    body,
  };
}
