/** HTTP as bytes over a bare TCP socket, for what no HTTP client would send. */
import { connect } from "node:net";
import type { Socket } from "node:net";
import { performance } from "node:perf_hooks";

export interface RawAnswer {
  status: number;
  headers: [name: string, value: string][];
  body: Buffer;
}

export interface RawEnd {
  /** Every whole answer that came, in order. */
  answers: RawAnswer[];
  /** How it ended: the peer closed, an error's code, or our own patience. */
  end: "closed" | "patience" | (string & {});
  durationMs: number;
}

/** Sends the pieces one after the other and reads until the peer closes, `answers` answers came, or patience ends. */
export async function raw(
  origin: string,
  pieces: string | Buffer | readonly (string | Buffer | { pauseMs: number })[],
  { answers: wanted = Infinity, patienceMs = 1_000 }: { answers?: number; patienceMs?: number } = {},
): Promise<RawEnd> {
  const socket = await connected(origin);
  const startedMs = performance.now();
  const { promise, resolve } = Promise.withResolvers<RawEnd>();
  let received = Buffer.alloc(0);
  let ended = false;
  const finish = (end: RawEnd["end"]): void => {
    ended = true;
    clearTimeout(patience);
    socket.destroy();
    resolve({ answers: parseAnswers(received), end, durationMs: performance.now() - startedMs });
  };
  const patience = setTimeout(() => finish("patience"), patienceMs);
  socket.on("data", (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    if (parseAnswers(received).length >= wanted) finish("patience");
  });
  socket.on("end", () => finish("closed"));
  socket.on("error", (error: NodeJS.ErrnoException) => finish(error.code ?? error.message));
  for (const piece of typeof pieces === "string" || Buffer.isBuffer(pieces) ? [pieces] : pieces) {
    if (ended) break;
    if (typeof piece === "object" && "pauseMs" in piece) await pause(piece.pauseMs);
    else if (socket.writable) socket.write(piece);
  }
  return promise;
}

/** The header lines and body of one request, as bytes; adds Content-Length for a body. */
export function requestBytes(
  method: string,
  target: string,
  headers: readonly (readonly [string, string])[],
  body: Buffer = Buffer.alloc(0),
): Buffer {
  const length: [string, string][] = body.length > 0 ? [["Content-Length", String(body.length)]] : [];
  const lines = [...headers, ...length].map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return Buffer.concat([Buffer.from(`${method} ${target} HTTP/1.1\r\n${lines}\r\n`, "latin1"), body]);
}

async function connected(origin: string): Promise<Socket> {
  const { hostname, port } = new URL(origin);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", () => resolve());
    socket.once("error", reject);
  });
  return socket;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function parseAnswers(received: Buffer): RawAnswer[] {
  const answers: RawAnswer[] = [];
  for (let rest = received; ;) {
    const end = rest.indexOf("\r\n\r\n");
    if (end === -1) return answers;
    const [start = "", ...lines] = rest.subarray(0, end).toString("latin1").split("\r\n");
    const headers = lines.map((line): [string, string] => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon), line.slice(colon + 1).trim()];
    });
    const length = Number(headers.find(([name]) => name.toLowerCase() === "content-length")?.[1] ?? 0);
    const body = rest.subarray(end + 4, end + 4 + length);
    if (body.length < length) return answers;
    answers.push({ status: Number(start.split(" ")[1]), headers, body });
    rest = rest.subarray(end + 4 + length);
  }
}
