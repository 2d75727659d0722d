import type { RequestHandler } from "express";
import { randomHex } from "../random/index.ts";
import { startCall } from "./call.ts";
import { inboundLimits as limits } from "./limits.ts";

const traceparentForm = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;
const timeDigits = 12;
const requestIdBytes = 8;
const traceIdBytes = 16;
const spanIdBytes = 8;
const noBody = Buffer.alloc(0);
const requestIdForm = new RegExp(`^[A-Za-z0-9_-]{8,${limits.maxRequestIdChars}}$`);

/** The time in milliseconds and 64 random bits, so that the index of requests writes its last page and not one anywhere. */
export function newRequestId(): string {
  return `req_${Date.now().toString(16).padStart(timeDigits, "0")}${randomHex(requestIdBytes)}`;
}

/** Names the exchange: a request id (the partner's own if it is well-formed) and the trace context (W3C Trace Context). */
export const identify: RequestHandler = (request, response, next) => {
  const sent = request.headers["request-id"];
  const requestId = typeof sent === "string" && requestIdForm.test(sent) ? sent : newRequestId();
  startCall(request, response, {
    requestId,
    traceparent: continueTrace(request.headers["traceparent"]),
    startedMs: performance.now(),
    body: noBody,
    json: undefined,
    path: {},
    query: {},
    headers: {},
    log: {},
  });
  next();
};

/** A child span of the caller's trace, or the root of a new one. */
function continueTrace(sent: string | string[] | undefined): string {
  const span = randomHex(spanIdBytes);
  if (typeof sent === "string" && traceparentForm.test(sent)) return `${sent.slice(0, 36)}${span}${sent.slice(52)}`;
  return `00-${randomHex(traceIdBytes)}-${span}-01`;
}
