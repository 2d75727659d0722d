import { STATUS_CODES } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { Problem } from "#problem";
import type { ProblemCode } from "#specs";
import type { ServerLimits } from "./limits.ts";
import type { Responder } from "./respond.ts";
import { unboundAnswer } from "./unbound.ts";

const codes: Record<string, ProblemCode> = {
  HPE_HEADER_OVERFLOW: "headers_too_large",
  ERR_HTTP_REQUEST_TIMEOUT: "request_timeout",
};

/** What a connection has in progress. */
interface Connection {
  /** Answers that have not left yet, in the order of their requests. */
  open: Set<ServerResponse>;
  last?: { request: IncomingMessage; response: ServerResponse };
  broken: boolean;
}

/**
 * Bytes that were no HTTP request, or did not become one in time: answered signed, then closed. Answers to requests before
 * them leave first, since nothing else says which answer belongs to which request (RFC 9112 9.3.2).
 * Problems: `headers_too_large`, `request_timeout`, `target_malformed`.
 */
export function answerBrokenRequests(
  server: Server,
  responder: Responder,
  limits: Pick<ServerLimits, "lingerMs">,
): void {
  const connections = new WeakMap<Socket, Connection>();
  const connectionOf = (socket: Socket): Connection => {
    const known = connections.get(socket) ?? { open: new Set(), broken: false };
    connections.set(socket, known);
    return known;
  };
  server.prependListener("request", (request: IncomingMessage, response: ServerResponse) => {
    const connection = connectionOf(request.socket);
    connection.last = { request, response };
    connection.open.add(response);
    response.once("close", () => {
      connection.open.delete(response);
      // What was read and answered is let go of, also while the connection stays.
      if (connection.last?.response === response && request.complete) delete connection.last;
    });
  });
  server.on("clientError", (fault: NodeJS.ErrnoException, socket: Socket) => {
    const connection = connectionOf(socket);
    // Node tells of every further piece of the same garbage.
    if (connection.broken) return;
    connection.broken = true;
    answerInTurn(connection, fault, socket, responder, limits.lingerMs).catch(() => socket.destroy());
  });
}

async function answerInTurn(
  { open, last }: Connection,
  error: NodeJS.ErrnoException,
  socket: Socket,
  responder: Responder,
  lingerMs: number,
): Promise<void> {
  // The fault may lie in the body of a request: then this is the answer to it, unless it was answered already.
  const within = last !== undefined && !last.request.complete ? last.response : undefined;
  await Promise.all([...open].filter((response) => response !== within).map(closed));
  if (error.code === "ECONNRESET" || !socket.writable || within?.headersSent === true) {
    socket.destroy();
    return;
  }
  const linger = setTimeout(() => socket.destroy(), lingerMs);
  socket.once("close", () => clearTimeout(linger));
  socket.end(brokenAnswer(error, responder));
}

function closed(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    response.once("close", resolve);
  });
}

function brokenAnswer(error: NodeJS.ErrnoException, responder: Responder): Buffer {
  const code = codes[error.code ?? ""];
  const problem =
    code === undefined
      ? new Problem("target_malformed", { detail: "What was received is no HTTP/1.1 request." })
      : new Problem(code);
  const { status, headers, body } = unboundAnswer(responder, problem);
  const lines = Object.entries({ ...headers, Connection: "close" }).map(([name, value]) => `${name}: ${value}\r\n`);
  const start = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join("")}\r\n`;
  return Buffer.concat([Buffer.from(start), body]);
}
