/**
 * The vendor of the bench in a process of its own: checks each signature, answers at once, and costs next to nothing. It can be
 * told to fail: what fails was done all the same, and can be asked about.
 */
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import { vendorSignature } from "./exchange.ts";
import type { VendorAccount } from "./exchange.ts";

/** Ways to fail: a 500, no answer at all, the connection reset. */
export type VendorFault = "error" | "hang" | "reset";
/** So many of the requests, of 1, fail in one of the ways; or nobody listens, and connections are refused. */
export type VendorMessage = { rate: number; kinds: readonly VendorFault[] } | { listens: boolean };

/** Orders whose answer was lost, the latest so many. */
const maxKeptOrders = 10_000;

const secret = process.argv[2] ?? "";
let faults: { rate: number; kinds: readonly VendorFault[] } = { rate: 0, kinds: [] };
let port = 0;
const kept = new Map<string, string>();
const accounts: VendorAccount[] = Array.from({ length: 6 }, (_, index) => ({
  no: `cac_01JD9ZK3V7W8X9Y0Z1A2B${index}`,
  state: index % 3 === 2 ? "CLOSED" : "OPEN",
  customer: `CUSTOMER-${index}`,
  number: `62284800000000${10 + index}`,
  openedAt: 1_763_000_000_000 + index * 86_400_000,
}));
const page = JSON.stringify({ accounts });

function answer(request: IncomingMessage, response: ServerResponse, body: string): void {
  const { method = "", url = "", headers } = request;
  if (faults.rate > 0 && Math.random() < faults.rate) return fail(request, response, body);
  const at = String(headers["x-time"]);
  const isOurs = vendorSignature(secret, { at, method, path: url, body }) === headers["x-signature"];
  const text = isOurs ? said(method, url, body) : '{"code":"BAD_SIGNATURE"}';
  response.writeHead(isOurs ? 200 : 401, {
    "Content-Type": "application/json",
    "Content-Length": Buffer.byteLength(text),
  });
  response.end(text);
}

function fail(request: IncomingMessage, response: ServerResponse, body: string): void {
  const { method = "", url = "" } = request;
  if (method === "POST") keep((JSON.parse(body) as { no: string }).no, said(method, url, body));
  const kind = faults.kinds[Math.floor(Math.random() * faults.kinds.length)];
  if (kind === "reset") request.socket.resetAndDestroy();
  if (kind === "error") response.writeHead(500, { "Content-Length": 0 }).end();
}

function keep(no: string, order: string): void {
  kept.set(no, order);
  for (const oldest of kept.keys()) {
    if (kept.size <= maxKeptOrders) return;
    kept.delete(oldest);
  }
}

const orders = "/orders/";

function said(method: string, url: string, body: string): string {
  if (method === "GET") {
    return url.startsWith(orders) ? (kept.get(url.slice(orders.length)) ?? '{"code":"NOT_KNOWN"}') : page;
  }
  const { no, amount } = JSON.parse(body) as { no: string; amount: string };
  return JSON.stringify({ no, amount, state: "paid", at: Date.now() });
}

const server = createServer((request, response) => {
  let body = "";
  request.setEncoding("utf8");
  request.on("data", (chunk: string) => (body += chunk));
  request.on("end", () => answer(request, response, body));
});
server.keepAliveTimeout = 600_000;

async function listen(): Promise<void> {
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const address = server.address();
  if (typeof address === "object" && address !== null) port = address.port;
}

async function take(message: VendorMessage): Promise<void> {
  if ("rate" in message) faults = message;
  else if (message.listens) await listen();
  else {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  }
}

process.on("message", (message: VendorMessage) => {
  take(message).then(
    () => process.send?.({ answer: null }),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});
await listen();
process.send?.({ port });
process.on("disconnect", () => process.exit(0));
