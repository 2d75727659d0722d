/**
 * The same exchange as the packages' READMEs show them together: the express app with its middlewares, both ways validated by
 * express-openapi-validator, a signature library over WebCrypto, axios as it comes, a statement and a commit at a time.
 */
import { createHash, randomBytes } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import axios from "axios";
import express from "express";
import type { NextFunction, Request, Response } from "express";
import * as OpenApiValidator from "express-openapi-validator";
import { importJWK } from "jose";
import type { JWK } from "jose";
import CircuitBreaker from "opossum";
import { pino } from "pino";
import { Histogram, Registry } from "prom-client";
import { readBundle } from "#specs";
import { accountsOf, vendorSignature } from "../exchange.ts";
import type { OrderRequest, VendorAccount, VendorOrder } from "../exchange.ts";
import type { BuildOptions } from "./types.ts";

const sha256 = (bytes: Buffer | string): string => createHash("sha256").update(bytes).digest("base64");
const breakerTimeoutMs = 5_000;
type WithRaw = Request & { rawBody?: Buffer };

export async function startNaive({ port, publicOrigin, partners, signing, vendor, dir }: BuildOptions): Promise<void> {
  const logger = pino();
  const registry = new Registry();
  const seconds = new Histogram({
    name: "http_request_duration_seconds",
    help: "Duration of requests",
    labelNames: ["method", "route", "status"],
    registers: [registry],
  });
  const db = new DatabaseSync(`${dir}/naive.db`);
  db.exec("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL");
  db.exec("CREATE TABLE claims (key TEXT PRIMARY KEY, fingerprint TEXT, intent TEXT, answer TEXT)");
  db.exec("CREATE TABLE nonces (nonce TEXT PRIMARY KEY)");
  const ask = new CircuitBreaker(
    async (method: string, path: string, body: string) => {
      const at = String(Date.now());
      const signature = vendorSignature(vendor.secret, { at, method, path, body });
      const headers = { "x-time": at, "x-signature": signature, "content-type": "application/json" };
      const answer = await axios({
        method,
        url: vendor.origin + path,
        headers,
        ...(body === "" ? {} : { data: body }),
      });
      return answer.data as unknown;
    },
    { timeout: breakerTimeoutMs },
  );
  const jwks = new Map(partners.map(({ jwk }) => [jwk.kid ?? "", jwk]));
  const ours = (await importJWK(signing as JWK, "EdDSA")) as CryptoKey;

  const app = express();
  app.use(express.json({ verify: (request, _response, body) => ((request as WithRaw).rawBody = body) }));
  app.use((request, response, next) => {
    const end = seconds.startTimer();
    response.on("finish", () => {
      end({ method: request.method, route: request.path, status: response.statusCode });
      logger.info({ method: request.method, url: request.url, status: response.statusCode }, "request");
    });
    next();
  });
  app.use(async (request: WithRaw, _response, next) => {
    const input = request.get("signature-input")?.slice("sig=".length) ?? "";
    const [, list = "", keyid = "", nonce = ""] =
      /^\(([^)]*)\);created=\d+;keyid="([^"]+)";nonce="([^"]+)"/.exec(input) ?? [];
    const value = (id: string): string | undefined =>
      id === '"@method"'
        ? request.method
        : id === '"@target-uri"'
          ? publicOrigin + request.originalUrl
          : request.get(id.slice(1, -1));
    const base = `${list
      .split(" ")
      .map((id) => `${id}: ${value(id)}`)
      .join("\n")}\n"@signature-params": ${input}`;
    const { d: _private, ...jwk } = (jwks.get(keyid) ?? {}) as JWK;
    const key = (await importJWK(jwk, "EdDSA")) as CryptoKey;
    const signature = Buffer.from(request.get("signature")?.slice("sig=:".length, -1) ?? "", "base64");
    if (!(await crypto.subtle.verify("Ed25519", key, signature, Buffer.from(base))))
      throw new Error("signature_invalid");
    const body = request.rawBody ?? Buffer.alloc(0);
    if (body.length > 0 && request.get("content-digest") !== `sha-256=:${sha256(body)}:`) throw new Error("digest");
    db.prepare("INSERT INTO nonces (nonce) VALUES (?)").run(nonce);
    next();
  });
  app.use(
    OpenApiValidator.middleware({
      apiSpec: readBundle() as never,
      validateRequests: true,
      validateResponses: true,
      validateSecurity: false,
    }),
  );
  const answer = async (request: Request, response: Response, status: number, body: unknown): Promise<void> => {
    const bytes = Buffer.from(JSON.stringify(body));
    const digest = `sha-256=:${sha256(bytes)}:`;
    const lines = [
      ['"@status"', String(status)],
      ['"content-digest"', digest],
      ['"@method";req', request.method],
      ['"@target-uri";req', publicOrigin + request.originalUrl],
      ['"signature";req;key="sig"', request.get("signature")?.slice("sig=".length)],
    ];
    const params = `(${lines.map(([id]) => id).join(" ")});created=${Math.floor(Date.now() / 1000)};keyid="${signing.kid}";tag="fapi-2-response"`;
    const base = `${lines.map(([id, text]) => `${id}: ${text}`).join("\n")}\n"@signature-params": ${params}`;
    const signature = Buffer.from(await crypto.subtle.sign("Ed25519", ours, Buffer.from(base)));
    response.set({
      "Content-Digest": digest,
      "Signature-Input": `sig=${params}`,
      Signature: `sig=:${signature.toString("base64")}:`,
    });
    response.status(status).json(body);
  };
  app.get("/v1/customer-accounts", async (request, response) => {
    const { accounts } = (await ask.fire("GET", "/accounts?count=20", "")) as { accounts: VendorAccount[] };
    const data = accountsOf(accounts);
    await answer(request, response, 200, { data });
  });
  app.post("/v1/instalments", async (request, response) => {
    const { amount, periods, feeBearer, subject, payer, reference } = request.body as OrderRequest;
    const key = request.get("idempotency-key") ?? "";
    const id = `ins_${randomBytes(16).toString("hex")}`;
    const fingerprint = sha256((request as WithRaw).rawBody ?? "");
    db.prepare("INSERT INTO claims (key, fingerprint, intent) VALUES (?, ?, ?)").run(key, fingerprint, id);
    const asked = { no: id, amount: amount.amount, periods, memo: subject, payer: payer.accountId };
    const said = (await ask.fire("POST", "/orders", JSON.stringify(asked))) as VendorOrder;
    const createdAt = new Date().toISOString();
    const status = said.state === "paid" ? "paid" : "awaiting_payment";
    const body = {
      id,
      status,
      amount,
      periods,
      feeBearer,
      reference,
      createdAt,
      paidAt: new Date(said.at).toISOString(),
    };
    db.prepare("UPDATE claims SET answer = ? WHERE key = ?").run(JSON.stringify(body), key);
    await answer(request, response, 201, body);
  });
  app.use((error: Error & { status?: number }, _request: Request, response: Response, _next: NextFunction) => {
    response.status(error.status ?? 500).json({ message: error.message });
  });
  await new Promise<void>((resolve) => app.listen(port, "127.0.0.1", () => resolve()));
}
