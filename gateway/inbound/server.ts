import { createServer, IncomingMessage, ServerResponse } from "node:http";
import type { Server } from "node:http";
import express from "express";
import type { Express } from "express";
import { answerBrokenRequests } from "./broken.ts";
import { inboundLimits } from "./limits.ts";
import type { ServerLimits } from "./limits.ts";
import type { Shed } from "./overload/index.ts";
import type { Responder } from "./respond.ts";

/** An Express app without guesses: exact paths, no etag, no advertising. */
export function strictApp(): Express {
  const app = express();
  app.set("case sensitive routing", true);
  app.set("strict routing", true);
  app.set("etag", false);
  app.set("x-powered-by", false);
  app.set("trust proxy", false);
  return app;
}

/** An HTTP server over an app, with every time and size bounded, and broken requests answered signed. */
export function boundedServer(
  app: Express,
  responder: Responder,
  limits: ServerLimits = inboundLimits,
  overload?: Shed,
): Server {
  const server = createServer(
    {
      ...bornAs(app),
      maxHeaderSize: limits.maxHeaderBytes,
      headersTimeout: limits.headersTimeoutMs,
      requestTimeout: limits.requestTimeoutMs,
      keepAliveTimeout: limits.idleTimeoutMs,
      connectionsCheckingInterval: limits.connectionsCheckEveryMs,
      // A missing Host is refused by `verify`, signed, instead of by Node.
      requireHostHeader: false,
    },
    // Before Express: what is refused here costs next to nothing.
    overload === undefined ? app : (request, response) => overload.takes(request, response) && app(request, response),
  );
  // More than the count is refused by `receive`; Node would drop the rest silently.
  server.maxHeadersCount = 0;
  server.maxConnections = limits.maxConnections;
  // Node would answer an expectation that it does not know with an unsigned 417; it may be ignored (RFC 9110 10.1.1).
  server.on("checkExpectation", (request, response) => server.emit("request", request, response));
  answerBrokenRequests(server, responder, limits);
  return server;
}

/**
 * Requests and responses that are born with the app's prototypes. Express sets them on each one otherwise, which makes
 * every later property access slow (measured: half the requests a second).
 */
function bornAs(app: Express): { IncomingMessage: typeof IncomingMessage; ServerResponse: typeof ServerResponse } {
  class Request extends IncomingMessage {}
  class Response extends ServerResponse<Request> {}
  Object.setPrototypeOf(Request.prototype, app.request);
  Object.setPrototypeOf(Response.prototype, app.response);
  app.request = Request.prototype as Express["request"];
  app.response = Response.prototype as unknown as Express["response"];
  return { IncomingMessage: Request, ServerResponse: Response as unknown as typeof ServerResponse };
}

/** Listens, or says which address is taken. */
export function listen(server: Server, host: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const refuse = (error: NodeJS.ErrnoException) =>
      reject(error.code === "EADDRINUSE" ? new AddressTaken(host, port) : error);
    server.once("error", refuse);
    server.listen(port, host, () => {
      server.off("error", refuse);
      const address = server.address();
      const bound = typeof address === "object" && address !== null ? address.port : port;
      resolve(`http://${host.includes(":") ? `[${host}]` : host}:${bound}`);
    });
  });
}

/** Another process listens there. */
export class AddressTaken extends Error {
  override readonly name = "AddressTaken";
  readonly host: string;
  readonly port: number;

  constructor(host: string, port: number) {
    super(`${host}:${port} is taken by another process`);
    this.host = host;
    this.port = port;
  }
}

/** Stops taking connections, lets requests in progress finish within the grace, then closes what is left. */
export async function closeGracefully(server: Server, graceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), graceMs);
  const idle = setInterval(() => server.closeIdleConnections(), 100);
  await closed;
  clearTimeout(timer);
  clearInterval(idle);
}
