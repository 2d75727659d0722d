import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { onTestFinished } from "vitest";

/** One connection through a proxy: the client's side, the server's, and how both are ended. */
export interface Joined {
  client: Socket;
  upstream: Socket;
  cut(): void;
}

export interface TcpProxy {
  /** `127.0.0.1:<port>`, the same after `down` and `up`. */
  host: string;
  /** Nobody answers at the address any more, and what is connected is cut. */
  down(): Promise<void>;
  up(): Promise<void>;
}

/** A TCP proxy in front of a server, gone after the test; `join` passes the bytes on, as far as it wants them passed. */
export async function tcpProxy(
  behind: { hostname: string; port: number },
  join: (joined: Joined) => void,
): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let server: Server | undefined;
  let port = 0;

  const accept = (client: Socket): void => {
    const upstream = connect(behind.port, behind.hostname);
    const cut = (): void => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", cut).on("close", () => {
        sockets.delete(socket);
        cut();
      });
    }
    join({ client, upstream, cut });
  };

  const down = async (): Promise<void> => {
    const closed = server && once(server, "close");
    server?.close();
    for (const socket of sockets) socket.destroy();
    await closed;
    server = undefined;
  };
  const up = async (): Promise<void> => {
    server = createServer(accept).listen(port, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    if (typeof address === "object" && address !== null) ({ port } = address);
  };
  await up();
  onTestFinished(down);
  return { host: `127.0.0.1:${port}`, down, up };
}
