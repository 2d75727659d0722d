import { connect } from "node:net";
import { performance } from "node:perf_hooks";

export interface RawResult {
  text: string;
  /** When each piece arrived, in milliseconds since the request went out. */
  arrivedMs: number[];
  /** How it ended: the peer's FIN, an error's code, or our own patience. */
  end: "fin" | "patience" | (string & {});
}

/** Sends one request over a bare TCP socket and listens until the connection ends, or for `patienceMs`. */
export function raw(origin: string, request: string, patienceMs = 400): Promise<RawResult> {
  const { hostname, port } = new URL(origin);
  const { promise, resolve } = Promise.withResolvers<RawResult>();
  const chunks: Buffer[] = [];
  const arrivedMs: number[] = [];
  const socket = connect({ host: hostname, port: Number(port) });
  const startedAt = performance.now();
  const finish = (end: string): void => {
    clearTimeout(patience);
    socket.destroy();
    resolve({ text: Buffer.concat(chunks).toString("utf8"), arrivedMs, end });
  };
  const patience = setTimeout(() => finish("patience"), patienceMs);
  socket.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    arrivedMs.push(performance.now() - startedAt);
  });
  socket.on("end", () => finish("fin"));
  socket.on("error", (error: NodeJS.ErrnoException) => finish(error.code ?? error.message));
  socket.write(request);
  return promise;
}

export const getOrder = "GET /orders/a1b2 HTTP/1.1\r\nHost: vendor\r\nX-Trace: t\r\nConnection: close\r\n\r\n";

export function bodyOf(result: RawResult): string {
  return result.text.split("\r\n\r\n").slice(1).join("\r\n\r\n");
}

export function declaredLength(result: RawResult): number {
  return Number(/content-length: (\d+)/i.exec(result.text)?.[1]);
}
