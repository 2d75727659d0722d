import { once } from "node:events";
import { request } from "node:http";
import type { IncomingMessage, Server } from "node:http";
import { duplexPair } from "node:stream";
import { buffer } from "node:stream/consumers";

/** A request to a worker's admin app, and its answer, as they cross the channel. */
export interface AdminAsk {
  method: string;
  /** Path and query. */
  target: string;
  contentType?: string | undefined;
  body?: string;
}

export interface AdminAnswer {
  status: number;
  contentType: string;
  body: string;
}

/** Asks a server that listens nowhere: a connection inside this process. */
export async function askServer(server: Server, ask: AdminAsk): Promise<AdminAnswer> {
  const [near, far] = duplexPair();
  server.emit("connection", far);
  try {
    const asking = request({
      createConnection: () => near,
      method: ask.method,
      path: ask.target,
      headers: {
        host: "worker",
        connection: "close",
        ...(ask.contentType === undefined ? {} : { "content-type": ask.contentType }),
      },
    });
    asking.end(ask.body);
    const [answer] = (await once(asking, "response")) as [IncomingMessage];
    const body = await buffer(answer);
    const { statusCode = 502, headers } = answer;
    return { status: statusCode, contentType: headers["content-type"] ?? "text/plain", body: body.toString() };
  } finally {
    near.destroy();
  }
}
