import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { headersTimeoutMs, keepAliveTimeoutMs, maxHeaderBytes, requestTimeoutMs } from "./limits.ts";

/** A port that can die and come back. */
export interface Listener {
  port: number;
  /** Closes the port and cuts every connection at once. */
  kill(): Promise<void>;
  /** Listens on the same port again. */
  revive(): Promise<void>;
}

/** Listens; rejects with the system's error (`EADDRINUSE`, …) if it cannot. */
export async function listen(
  host: string,
  port: number,
  onRequest: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Listener> {
  const sockets = new Set<Socket>();

  const open = async (at: number): Promise<Server> => {
    const server = createServer(
      {
        maxHeaderSize: maxHeaderBytes,
        headersTimeout: headersTimeoutMs,
        requestTimeout: requestTimeoutMs,
        keepAliveTimeout: keepAliveTimeoutMs,
      },
      onRequest,
    );
    server.on("connection", (socket) => {
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
    });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    server.once("error", reject);
    server.listen({ host, port: at, exclusive: true }, resolve);
    await promise;
    server.off("error", reject);
    return server;
  };

  let server: Server | undefined = await open(port);
  const boundPort = (server.address() as AddressInfo).port;

  return {
    port: boundPort,
    async kill() {
      const dying = server;
      if (dying === undefined) return;
      server = undefined;
      const closed = new Promise((resolve) => dying.close(resolve));
      sockets.forEach((socket) => socket.destroy());
      await closed;
    },
    async revive() {
      server ??= await open(boundPort);
    },
  };
}
