import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RefusalCode, loadSignKey, signRequest } from "#signature";
import { AnswerNotTrusted, type Partner, type Wire, partner } from "./client.ts";
import { signAsPartner } from "./profile.ts";
import { type Spoil, type TestGateway, startTestGateway, unsigned } from "./testing/gateway.ts";

let gateway: TestGateway;
let us: Partner;

beforeAll(async () => {
  gateway = await startTestGateway();
  us = partner({ origin: gateway.origin, jwk: gateway.partnerJwk, gatewayJwks: gateway.jwks });
});

afterAll(async () => {
  us.close();
  await gateway.close();
});

const changed = (over: Partial<Wire>) => (wire: Wire) => ({ ...wire, ...over });
const renamed = (name: string, value: string) => (wire: Wire) => ({
  ...wire,
  headers: wire.headers.map(([n, v]) => [n, n === name ? value : v] as const),
});
const added = (name: string, value: string) => (wire: Wire) => ({
  ...wire,
  headers: [...wire.headers, [name, value] as const],
});

describe("a partner", () => {
  it("is understood, and believes the answer", async () => {
    const answer = await us.request("POST", "/v1/payments?dry=1", { body: { amount: "10.00" }, idempotencyKey: "k-1" });
    expect(answer).toMatchObject({
      status: 201,
      verified: true,
      body: { partner: "a", target: "/v1/payments?dry=1", received: '{"amount":"10.00"}' },
      keyid: gateway.jwks.keys[0]?.kid,
      durationMs: expect.any(Number),
    });
    expect(answer.sent.base).toContain('"idempotency-key": "k-1"');
  });

  it("reads and deletes without a body", async () => {
    expect(await us.request("GET", "/v1/payments/pay_1")).toMatchObject({ status: 200, body: { received: "" } });
    expect(await us.request("DELETE", "/v1/payments/pay_1")).toMatchObject({ status: 204, body: undefined, text: "" });
  });

  it("signs with the bytes that the gateway's own signer would make", async () => {
    const headers = { "Content-Type": "application/json", "Idempotency-Key": '"k"', Authorization: "DPoP t" };
    const [method, url, body, created, nonce] = [
      "POST",
      "https://gw.example.com/x?y=1",
      Buffer.from("{}"),
      5,
      "n".repeat(16),
    ];
    const jwk = gateway.partnerJwk;
    const theirs = signAsPartner({ method, url, headers: Object.entries(headers), body, jwk, created, nonce });
    const key = await loadSignKey(jwk);
    const ours = signRequest({ method, targetUri: url, headers, body, key, created, nonce });
    expect(theirs.base).toBe(ours.base);
    expect(Object.fromEntries(theirs.headers)).toMatchObject(ours.headers);
  });

  it.each(["ES256", "PS256"] as const)("may have a key for %s", async (alg) => {
    const other = await startTestGateway(alg);
    const them = partner({ origin: other.origin, jwk: other.partnerJwk, gatewayJwks: other.jwks });
    expect(await them.request("POST", "/v1/x", { body: {} })).toMatchObject({ status: 201, verified: true });
    them.close();
    await other.close();
  });

  it.each<[RefusalCode, string, (wire: Wire) => Wire]>([
    ["signature_invalid", "another path", changed({ target: "/v1/refunds" })],
    ["signature_invalid", "another method", changed({ method: "PUT" })],
    ["digest_mismatch", "another body", changed({ body: Buffer.from('{"amount":"99.00"}') })],
    ["signature_invalid", "another key", renamed("Idempotency-Key", '"k-2"')],
    ["host_mismatch", "another host", renamed("Host", "evil.example")],
    ["target_malformed", "an absolute target", changed({ target: "http://127.0.0.1/v1/payments" })],
    ["duplicate_header", "a second content type", added("Content-Type", "text/plain")],
    ["duplicate_header", "a second idempotency key", added("idempotency-key", '"k-2"')],
    ["duplicate_header", "a second digest", added("Content-Digest", "sha-256=:AAAA:")],
    ["content_encoding_unsupported", "a coding", added("Content-Encoding", "gzip")],
    ["signature_coverage", "a token that is not covered", added("Authorization", "Bearer t")],
  ])("is told %s for %s on the wire", async (code, _, tamper) => {
    const answer = await us.request("POST", "/v1/payments", {
      body: { amount: "10.00" },
      idempotencyKey: "k-1",
      tamper,
    });
    expect(answer.body).toMatchObject({ ok: false, code });
  });

  it("is told that a GET has no body, and that a nonce counts once", async () => {
    expect((await us.request("GET", "/v1/x", { body: {} })).body).toMatchObject({ code: "body_unexpected" });
    const nonce = "0123456789abcdef";
    expect(await us.request("GET", "/v1/x", { nonce })).toMatchObject({ status: 200 });
    expect(await us.request("GET", "/v1/x", { nonce })).toMatchObject({
      status: 401,
      body: { code: "signature_replay" },
    });
    expect((await us.request("GET", "/v1/x", { created: 1 })).body).toMatchObject({ code: "signature_expired" });
  });

  const spoilt: [string, Spoil][] = [
    ["another status", (answer) => ({ ...answer, status: 200 })],
    ["another body", (answer) => ({ ...answer, body: Buffer.from("{}") })],
    ["no signature", unsigned],
    [
      "no coverage of its body",
      (answer) => ({
        ...answer,
        headers: {
          ...answer.headers,
          "Signature-Input": (answer.headers["Signature-Input"] ?? "").replace('"content-digest" ', ""),
        },
      }),
    ],
    ["another content type", (answer) => ({ ...answer, headers: { ...answer.headers, "Content-Type": "text/html" } })],
  ];

  it.each(spoilt)("does not believe an answer with %s", async (_, spoil) => {
    gateway.spoil = spoil;
    await expect(us.request("POST", "/v1/payments", { body: {} })).rejects.toThrow(AnswerNotTrusted);
    gateway.spoil = (answer) => answer;
  });

  it("takes a 200 that does not speak of its signature only when it says so", async () => {
    const tamper = renamed("Signature", `sig=:${Buffer.alloc(64).toString("base64")}:`);
    const check = (unbound: boolean) => us.request("POST", "/v1/signature-check", { body: {}, tamper, unbound });
    expect(await check(true)).toMatchObject({ status: 200, body: { code: "signature_invalid" } });
    await expect(check(false)).rejects.toThrow('does not cover "signature";req');
  });

  it("does not believe the answer to another request, nor an unpublished key", async () => {
    const kept: Parameters<Spoil>[0][] = [];
    gateway.spoil = (answer) => (kept.push(answer), kept[0] ?? answer);
    await us.request("GET", "/v1/payments/pay_1");
    await expect(us.request("GET", "/v1/payments/pay_1")).rejects.toThrow("does not verify");
    gateway.spoil = (answer) => answer;
    const blind = partner({ origin: gateway.origin, jwk: gateway.partnerJwk, gatewayJwks: { keys: [] } });
    await expect(blind.request("GET", "/v1/x")).rejects.toThrow("no published key");
    blind.close();
  });
});
