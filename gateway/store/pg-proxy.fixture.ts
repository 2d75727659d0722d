import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { onTestFinished } from "vitest";

/**
 * What happens between store and server:
 * - `pass`: nothing
 * - `cut_before`: what the store says next never arrives; the connection is cut
 * - `cut_after`: it arrives and is done; the connection is cut instead of the answer
 * - `silent`: it arrives, and no answer comes
 */
export type Weather = "pass" | "cut_before" | "cut_after" | "silent";

export interface Proxy {
  /** The address of the same database by way of the proxy. */
  url: string;
  weather: Weather;
  /** The weather begins when the store says this; absent: with the next that it says. */
  from: string | undefined;
  /** Nobody answers at the address any more, and what is connected is cut. */
  down(): Promise<void>;
  up(): Promise<void>;
}

/** A TCP proxy in front of the database of an address, gone after the test. */
export async function databaseProxy(behind: string): Promise<Proxy> {
  const target = new URL(behind);
  const sockets = new Set<Socket>();
  let server: Server | undefined;
  let port = 0;

  const join = (client: Socket): void => {
    const upstream = connect(Number(target.port || 5432), target.hostname);
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
    let begun = false;
    client.on("data", (bytes) => {
      begun = proxy.weather !== "pass" && (begun || proxy.from === undefined || bytes.includes(proxy.from));
      if (begun && proxy.weather === "cut_before") cut();
      else upstream.write(bytes);
    });
    upstream.on("data", (bytes) => {
      if (begun && proxy.weather === "cut_after") cut();
      else if (!begun || proxy.weather !== "silent") client.write(bytes);
    });
  };

  const proxy: Proxy = {
    url: "",
    weather: "pass",
    from: undefined,
    async down() {
      const closed = server && once(server, "close");
      server?.close();
      for (const socket of sockets) socket.destroy();
      await closed;
      server = undefined;
    },
    async up() {
      server = createServer(join).listen(port, "127.0.0.1");
      await once(server, "listening");
      const address = server.address();
      if (typeof address === "object" && address) port = address.port;
    },
  };
  await proxy.up();
  onTestFinished(() => proxy.down());
  const url = new URL(behind);
  url.host = `127.0.0.1:${port}`;
  proxy.url = url.href;
  return proxy;
}
