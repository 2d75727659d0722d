import { randomBytes } from "node:crypto";
import type { RequestHandler } from "express";
import { startCall } from "./call.ts";
import { inboundLimits as limits } from "./limits.ts";

const traceparentForm = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;
const requestIdForm = new RegExp(`^[A-Za-z0-9_-]{8,${limits.maxRequestIdChars}}$`);

/** Names the exchange: a request id (the partner's own if it is well-formed) and the trace context (W3C Trace Context). */
export const identify: RequestHandler = (request, response, next) => {
  const sent = request.headers["request-id"];
  const requestId =
    typeof sent === "string" && requestIdForm.test(sent) ? sent : `req_${randomBytes(12).toString("hex")}`;
  response.setHeader("Request-Id", requestId);
  startCall(request, response, {
    requestId,
    traceparent: continueTrace(request.headers["traceparent"]),
    startedMs: performance.now(),
    body: Buffer.alloc(0),
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
  const span = randomBytes(8).toString("hex");
  if (typeof sent === "string" && traceparentForm.test(sent)) return `${sent.slice(0, 36)}${span}${sent.slice(52)}`;
  return `00-${randomBytes(16).toString("hex")}-${span}-01`;
}
