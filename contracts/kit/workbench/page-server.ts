/** The local page of a session: its own HTML, its data, a stream of what happens, and a way to fire. */
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { BenchError } from "./bench.ts";
import type { FireInput, Session } from "./session.ts";
import type { Shown } from "./show.ts";

const host = "127.0.0.1";
const maxBodyBytes = 1024 * 1024;
const part = (name: string): string => readFileSync(new URL(`page/${name}`, import.meta.url), "utf8");
/** One file without anything to fetch. */
const page = part("page.html")
  .replace("/* page.css */", () => part("page.css"))
  .replace("/* page.js */", () => part("page.js"));

export interface PageServer {
  origin: string;
  /** Sends one exchange to every page that is open. */
  push(shown: Shown): void;
  stop(): Promise<void>;
}

/** Listens on 127.0.0.1 only, and answers only what was asked of that address by that page. */
export async function servePage(port: number, sessionOf: () => Session): Promise<PageServer> {
  const streams = new Set<ServerResponse>();
  const server = createServer((request, response) => {
    answer(request, response, sessionOf, streams).catch((error: unknown) => {
      if (!response.headersSent) json(response, 400, { error: error instanceof Error ? error.message : "unknown" });
      else response.destroy();
    });
  });
  server.listen(port, host);
  await once(server, "listening").catch((error: NodeJS.ErrnoException) => {
    throw new BenchError(`the page cannot listen on ${port} (${error.code ?? "unknown"}): set --page-port`);
  });
  return {
    origin: `http://${host}:${(server.address() as AddressInfo).port}`,
    push(shown) {
      for (const stream of streams) stream.write(`data: ${JSON.stringify(shown)}\n\n`);
    },
    async stop() {
      for (const stream of streams) stream.end();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  sessionOf: () => Session,
  streams: Set<ServerResponse>,
): Promise<void> {
  const own = `${host}:${(request.socket.address() as AddressInfo).port}`;
  const { host: asked, origin } = request.headers;
  // A page of another site, or a name that was rebound to this address, gets nothing.
  if (
    (asked !== own && asked !== own.replace(host, "localhost")) ||
    (origin !== undefined && new URL(origin).host !== asked)
  ) {
    json(response, 403, { error: "not this page" });
    return;
  }
  const session = sessionOf();
  switch (`${request.method} ${request.url}`) {
    case "GET /":
      response.writeHead(200, { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" }).end(page);
      return;
    case "GET /session":
      json(response, 200, {
        title: session.title,
        vendor: session.vendor,
        operations: session.operations,
        unsupported: session.unsupported,
        shown: session.shown,
      });
      return;
    case "GET /stream":
      response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" }).write(": open\n\n");
      streams.add(response);
      response.once("close", () => streams.delete(response));
      return;
    case "POST /fire":
      await session.fire(JSON.parse(await bodyOf(request)) as FireInput);
      json(response, 200, {});
      return;
    default:
      json(response, 404, { error: "no such thing" });
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxBodyBytes) throw new Error("the body is too large");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function json(response: ServerResponse, status: number, value: unknown): void {
  response
    .writeHead(status, { "content-type": "application/json", "cache-control": "no-store" })
    .end(JSON.stringify(value));
}
