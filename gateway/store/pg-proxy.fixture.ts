import { tcpProxy } from "./tcp-proxy.fixture.ts";

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
  const url = new URL(behind);
  const way = await tcpProxy(
    { hostname: url.hostname, port: Number(url.port || 5432) },
    ({ client, upstream, cut }) => {
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
    },
  );
  url.host = way.host;
  const proxy: Proxy = { url: url.href, weather: "pass", from: undefined, down: way.down, up: way.up };
  return proxy;
}
