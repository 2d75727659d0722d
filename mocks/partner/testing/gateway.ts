/** A gateway of a few lines for this room's tests: verifies with #signature and signs whatever it answers. */
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type RequestBinding,
  type SignKey,
  createNonceWindow,
  generateJwk,
  loadSignKey,
  publicJwks,
  refusal,
  signResponse,
  unverifiedBinding,
  verifyRequest,
} from "#signature";
import type { Jwk, Jwks } from "../profile.ts";

/** What the test lets the gateway do with an answer after it was signed. */
export type Spoil = (answer: { status: number; headers: Record<string, string>; body: Buffer }) => {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
};

/** Takes the signature away. */
export const unsigned: Spoil = (answer) => {
  const headers = Object.entries(answer.headers).filter(([name]) => name !== "Signature-Input");
  return { ...answer, headers: Object.fromEntries(headers) };
};

export interface TestGateway {
  readonly origin: string;
  readonly jwks: Jwks;
  readonly partnerJwk: Jwk;
  /** A folder as the sandbox writes it. */
  readonly folder: string;
  spoil: Spoil;
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly request: RequestBinding;
}

/** Starts it with one partner, `a`, whose key may be of any algorithm; answers an echo of what it verified. */
export async function startTestGateway(alg: "EdDSA" | "ES256" | "PS256" = "EdDSA"): Promise<TestGateway> {
  const partnerJwk = await generateJwk(alg);
  const partnerKey = await loadSignKey(partnerJwk);
  const gatewayKey = await loadSignKey(await generateJwk(alg));
  const nonces = createNonceWindow();
  const server = http.createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const received = Buffer.concat(chunks);
    const { status, body, request: binding } = await answerTo(request, received);
    const bytes = status === 204 ? Buffer.alloc(0) : Buffer.from(JSON.stringify(body));
    const own =
      bytes.length > 0 ? { "Content-Type": status < 400 ? "application/json" : "application/problem+json" } : {};
    const created = Math.floor(Date.now() / 1000);
    const signed = signResponse({ status, headers: own, body: bytes, request: binding, key: gatewayKey, created });
    const sent = gateway.spoil({ status, headers: { ...own, ...signed }, body: bytes });
    response.writeHead(sent.status, sent.headers).end(sent.body);
  });

  async function answerTo(request: http.IncomingMessage, body: Buffer): Promise<Answer> {
    const { method = "", url: originalUrl = "", rawHeaders } = request;
    const message = { method, originalUrl, rawHeaders, body, publicOrigin: gateway.origin, nowMs: Date.now() };
    const resolveKey = (keyid: string) => (keyid === partnerKey.keyid ? { partner: "a", key: partnerKey } : undefined);
    const verified = verifyRequest({ ...message, resolveKey });
    if (!verified.ok) {
      const status = originalUrl === "/v1/signature-check" ? 200 : verified.status;
      return { status, body: verified, request: unverifiedBinding(message) };
    }
    const { keyid, nonce, nonceExpiresAtMs, binding } = verified;
    if (!(await nonces.claim(keyid, nonce, nonceExpiresAtMs))) {
      const replayed = refusal("signature_replay", "The nonce was used before.");
      return { status: replayed.status, body: replayed, request: binding };
    }
    const status = method === "DELETE" ? 204 : method === "POST" ? 201 : 200;
    return {
      status,
      body: { partner: verified.partner, target: originalUrl, received: body.toString() },
      request: binding,
    };
  }

  await once(server.listen(0, "127.0.0.1"), "listening");
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const jwks = publicJwks([gatewayKey]);
  const folder = writeFolder(origin, partnerJwk, partnerKey, jwks);
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    rmSync(folder, { recursive: true });
  };
  const gateway: TestGateway = { origin, jwks, partnerJwk, folder, spoil: (answer) => answer, close };
  return gateway;
}

function writeFolder(origin: string, partnerJwk: Jwk, { keyid }: SignKey, jwks: Jwks): string {
  const folder = mkdtempSync(join(tmpdir(), "qiao-partner-"));
  const write = (name: string, value: unknown) => writeFileSync(join(folder, name), JSON.stringify(value, null, 2));
  write("sandbox.json", { gateway: origin, partners: { a: { keyid, keyFile: "partner-a.jwk.json" } } });
  write("partner-a.jwk.json", partnerJwk);
  write("gateway.jwks.json", jwks);
  return folder;
}
