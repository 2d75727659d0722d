/**
 * The floor: the same exchange on node:http, node:crypto, compiled Ajv and undici, with the shortest code that a partner's
 * client still believes. It leaves out whatever makes a gateway of it: README.md lists what.
 */
import { createHash, createPrivateKey, createPublicKey, randomBytes, sign, verify } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import { readBundle } from "#specs";
import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import { Pool } from "undici";
import { accountsOf, vendorSignature } from "../exchange.ts";
import type { OrderRequest, VendorAccount, VendorOrder } from "../exchange.ts";
import { openFloorStore } from "./floor-store.ts";
import type { BuildOptions } from "./types.ts";

const connectionsToVendor = 128;
const sha256 = (bytes: Buffer | string): string => createHash("sha256").update(bytes).digest("base64");

/** Listens; returns its port. */
export async function startFloor({ port, publicOrigin, partners, signing, vendor, dir }: BuildOptions): Promise<void> {
  const ajv = new Ajv2020({ strict: false, allErrors: false });
  formats.default(ajv);
  ajv.addSchema({ $id: "contract", ...readBundle() });
  const schema = (name: string) => ajv.compile({ $ref: `contract#/components/schemas/${name}` });
  const [isOrder, isInstalment, isList] = [
    schema("InstalmentRequest"),
    schema("Instalment"),
    schema("CustomerAccountList"),
  ];
  const keys = new Map<string, KeyObject>();
  for (const { jwk } of partners) keys.set(jwk.kid ?? "", createPublicKey({ key: jwk, format: "jwk" }));
  const ours = createPrivateKey({ key: signing, format: "jwk" });
  const pool = new Pool(vendor.origin, { connections: connectionsToVendor, pipelining: 1 });
  const store = openFloorStore(`${dir}/floor.db`);
  const nonces = new Set<string>();

  async function ask(method: "GET" | "POST", path: string, body: string): Promise<unknown> {
    const at = String(Date.now());
    const signature = vendorSignature(vendor.secret, { at, method, path, body });
    const headers = {
      "x-time": at,
      "x-signature": signature,
      ...(body === "" ? {} : { "content-type": "application/json" }),
    };
    const said = await pool.request({ method, path, headers, ...(body === "" ? {} : { body }) });
    if (said.statusCode !== 200) throw new Error(`vendor: ${said.statusCode}`);
    return said.body.json();
  }

  async function effect(key: string, body: Buffer): Promise<unknown> {
    const order = JSON.parse(body.toString()) as OrderRequest;
    if (!isOrder(order)) throw new Error("request_invalid");
    const id = `ins_${randomBytes(16).toString("hex")}`;
    if (!(await store.write({ kind: "begin", key, fingerprint: sha256(body), intent: id })))
      throw new Error("in flight");
    const { amount, periods, feeBearer, subject, payer, reference } = order;
    const asked = { no: id, amount: amount.amount, periods, memo: subject, payer: payer.accountId };
    const said = (await ask("POST", "/orders", JSON.stringify(asked))) as VendorOrder;
    if (said.no !== id || said.amount !== amount.amount) throw new Error("another order");
    const made = {
      id,
      status: said.state === "paid" ? "paid" : "awaiting_payment",
      amount,
      periods,
      feeBearer,
      reference,
      createdAt: new Date().toISOString(),
      paidAt: new Date(said.at).toISOString(),
    };
    if (!isInstalment(made)) throw new Error("answer_invalid");
    await store.write({ kind: "complete", key, answer: JSON.stringify(made) });
    return made;
  }

  async function list(): Promise<unknown> {
    const { accounts } = (await ask("GET", "/accounts?count=20", "")) as { accounts: VendorAccount[] };
    const data = accountsOf(accounts);
    if (!isList({ data })) throw new Error("answer_invalid");
    return { data };
  }

  async function answer(request: IncomingMessage, response: ServerResponse, body: Buffer): Promise<void> {
    const { method = "", url = "", headers } = request;
    const header = (name: string): string => String(headers[name] ?? "");
    const input = header("signature-input").slice("sig=".length);
    const [, list_ = "", keyid = "", nonce = ""] =
      /^\(([^)]*)\);created=\d+;keyid="([^"]+)";nonce="([^"]+)"/.exec(input) ?? [];
    const value = (id: string): string =>
      id === '"@method"' ? method : id === '"@target-uri"' ? publicOrigin + url : header(id.slice(1, -1));
    const ids = list_.split(" ");
    const base = `${ids.map((id) => `${id}: ${value(id)}`).join("\n")}\n"@signature-params": ${input}`;
    const key = keys.get(keyid);
    const signature = Buffer.from(header("signature").slice("sig=:".length, -1), "base64");
    if (key === undefined || !verify(null, Buffer.from(base), key, signature)) throw new Error("signature_invalid");
    if (body.length > 0 && header("content-digest") !== `sha-256=:${sha256(body)}:`) throw new Error("digest_mismatch");
    if (nonces.has(nonce)) throw new Error("signature_replay");
    nonces.add(nonce);
    const isRead = method === "GET";
    const bytes = Buffer.from(JSON.stringify(isRead ? await list() : await effect(header("idempotency-key"), body)));
    const digest = `sha-256=:${sha256(bytes)}:`;
    const lines = [
      ['"@status"', isRead ? "200" : "201"],
      ['"content-digest"', digest],
      ['"content-type"', "application/json"],
      ['"@method";req', method],
      ['"@target-uri";req', publicOrigin + url],
      ['"signature";req;key="sig"', header("signature").slice("sig=".length)],
    ];
    const params = `(${lines.map(([id]) => id).join(" ")});created=${Math.floor(Date.now() / 1000)};keyid="${signing.kid}";tag="fapi-2-response"`;
    const answerBase = `${lines.map(([id, text]) => `${id}: ${text}`).join("\n")}\n"@signature-params": ${params}`;
    response.writeHead(isRead ? 200 : 201, {
      "Content-Type": "application/json",
      "Content-Length": bytes.length,
      "Content-Digest": digest,
      "Signature-Input": `sig=${params}`,
      Signature: `sig=:${sign(null, Buffer.from(answerBase), ours).toString("base64")}:`,
    });
    response.end(bytes);
  }

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      answer(request, response, Buffer.concat(chunks)).catch((error: unknown) => {
        response.writeHead(500).end(String(error));
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
}
