import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { randomBytes } from "node:crypto";
import { Problem, problemBody } from "#problem";
import type { ProblemCode } from "#specs";
import { signResponse } from "#signature";
import type { Responder } from "./respond.ts";

const codes: Record<string, ProblemCode> = {
  HPE_HEADER_OVERFLOW: "headers_too_large",
  ERR_HTTP_REQUEST_TIMEOUT: "request_timeout",
};

/** Bytes that were no HTTP request, or did not become one in time: answered signed, then closed. */
export function answerBrokenRequest(responder: Responder, error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const problem = new Problem(codes[error.code ?? ""] ?? "target_malformed");
  const requestId = `req_${randomBytes(12).toString("hex")}`;
  const body = Buffer.from(JSON.stringify(problemBody(problem, requestId)));
  const headers = {
    ...signResponse({
      status: problem.status,
      headers: { "Content-Type": "application/problem+json" },
      body,
      request: undefined,
      key: responder.key,
      created: Math.floor(responder.now().getTime() / 1_000),
    }),
    "Content-Type": "application/problem+json",
    "Content-Length": body.length,
    "Request-Id": requestId,
    Connection: "close",
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const start = `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\n${lines.join("")}\r\n`;
  socket.end(Buffer.concat([Buffer.from(start), body]));
}
