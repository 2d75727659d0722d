import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** A notification as it arrived. */
export interface Arrived {
  method: string;
  headers: Record<string, string>;
  body: Buffer;
  form: Record<string, string>;
}

export interface Seller {
  url: string;
  arrived: Arrived[];
  /** Of this order, once there are so many. Throws after two seconds. */
  told(outTradeNo: string, count?: number): Promise<Arrived[]>;
  /** What the next notifications are answered; then `success`. */
  answers: string[];
  stop(): Promise<void>;
}

const patienceMs = 2_000;
const stepMs = 10;

/** The seller's notify_url: a real server that remembers what it was told. */
export async function startSeller(): Promise<Seller> {
  const arrived: Arrived[] = [];
  const answers: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks);
      const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
      const form = Object.fromEntries(new URLSearchParams(body.toString()));
      arrived.push({ method: request.method ?? "", headers, body, form });
      response.end(answers.shift() ?? "success");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/notify`,
    arrived,
    answers,
    async told(outTradeNo, count = 1) {
      for (let waitedMs = 0; waitedMs < patienceMs; waitedMs += stepMs) {
        const about = arrived.filter(({ form }) => form["out_trade_no"] === outTradeNo);
        if (about.length >= count) return about;
        await sleep(stepMs);
      }
      throw new Error(`fewer than ${count} notifications`);
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
