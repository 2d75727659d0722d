/** The vendor of the bench in a process of its own: checks each signature, answers at once, and costs next to nothing. */
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import { vendorSignature } from "./exchange.ts";
import type { VendorAccount } from "./exchange.ts";

const secret = process.argv[2] ?? "";
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
  const at = String(headers["x-time"]);
  const isOurs = vendorSignature(secret, { at, method, path: url, body }) === headers["x-signature"];
  const text = isOurs ? said(method, body) : '{"code":"BAD_SIGNATURE"}';
  response.writeHead(isOurs ? 200 : 401, { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(text) });
  response.end(text);
}

function said(method: string, body: string): string {
  if (method === "GET") return page;
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
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  process.send?.({ port: typeof address === "object" ? address?.port : 0 });
});
process.on("disconnect", () => process.exit(0));
