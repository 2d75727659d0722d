import { describe, expect, it } from "vitest";
import {
  type RefusalCode,
  type ResponseToSign,
  generateJwk,
  loadSignKey,
  signRequest,
  signResponse,
  unverifiedBinding,
  verifyRequest,
  verifyResponse,
} from "./index.ts";
import {
  createdSeconds,
  digestOf,
  gatewayKey,
  nowMs,
  partnerKey,
  publicOrigin,
  resolveKey,
  withHeader,
  withoutHeader,
} from "./testing/messages.ts";

const body = Buffer.from('{"id":"pay_1"}');
const gatewayKeys = (keyid: string) => (keyid === gatewayKey.keyid ? gatewayKey : undefined);

/** A signed request as its sender and its receiver hold it. */
function exchange(method: string, sent: Buffer, nonce = "5b1f6c0e9a3d4f7c8b2a1d0e6f7a8b9c") {
  const headers = { "Idempotency-Key": '"k"', ...(sent.byteLength > 0 && { "Content-Type": "application/json" }) };
  const targetUri = `${publicOrigin}/v1/payments`;
  const signed = signRequest({
    method,
    targetUri,
    headers,
    body: sent,
    key: partnerKey,
    created: createdSeconds,
    nonce,
  });
  const rawHeaders = ["Host", "gw.example.com", ...Object.entries({ ...headers, ...signed.headers }).flat()];
  const received = { method, originalUrl: "/v1/payments", rawHeaders, body: sent, publicOrigin, nowMs };
  const verified = verifyRequest({ ...received, resolveKey });
  if (!verified.ok) throw new Error(verified.detail);
  return { sent: signed.binding, received: verified.binding };
}

const post = exchange("POST", Buffer.from("{}"));

/** Signs an answer and returns it as received, with the reader's verdict function. */
function answer(over: Partial<ResponseToSign> = {}) {
  const response: ResponseToSign = {
    status: 201,
    headers: { "Content-Type": "application/json" },
    body,
    request: post.received,
    key: gatewayKey,
    created: createdSeconds,
    ...over,
  };
  const rawHeaders = Object.entries({ ...response.headers, ...signResponse(response) }).flat();
  return { status: response.status, rawHeaders, body: Buffer.from(response.body) };
}

const verdict = (received: ReturnType<typeof answer>, request = post.sent, now = nowMs) =>
  verifyResponse({ ...received, request, nowMs: now, resolveKey: gatewayKeys });

const inputOf = ({ rawHeaders }: ReturnType<typeof answer>) => rawHeaders[rawHeaders.indexOf("Signature-Input") + 1];

describe("an answer", () => {
  it("binds to a request without body", () => {
    const get = exchange("GET", Buffer.alloc(0));
    const received = answer({ status: 200, request: get.received });
    expect(inputOf(received)).toContain(
      '("@status" "content-digest" "content-type" "@method";req "@target-uri";req "idempotency-key";req ' +
        '"signature";req;key="sig" "signature-input";req;key="sig")',
    );
    expect(verdict(received, get.sent)).toMatchObject({ ok: true, bound: true });
  });

  it.each([204, 304])("%i carries no digest", (status) => {
    const received = answer({ status, headers: {}, body: Buffer.alloc(0) });
    expect(received.rawHeaders).not.toContain("Content-Digest");
    expect(verdict(received)).toMatchObject({ ok: true, bound: true });
  });

  it("to HEAD carries no digest of the bytes that are not sent", () => {
    const head = exchange("HEAD", Buffer.alloc(0));
    const received = { ...answer({ status: 200, request: head.received }), body: Buffer.alloc(0) };
    expect(received.rawHeaders).not.toContain("Content-Digest");
    expect(verdict(received, head.sent)).toMatchObject({ ok: true, bound: true });
  });

  it("given again under the same key is signed anew, and the replay mark is covered", () => {
    const again = exchange("POST", Buffer.from("{}"), "another-nonce-0123456789");
    const headers = { "Content-Type": "application/json", "Idempotency-Replayed": "?1" };
    const received = answer({ request: again.received, headers });
    expect(verdict(received, again.sent)).toMatchObject({ ok: true });
    expect(verdict(received, post.sent)).toMatchObject({ code: "signature_invalid" });
    expect(inputOf(received)).toContain('"content-type" "idempotency-replayed" "@method";req');
  });

  it("to an unverified request covers status, own digest and what was asked", () => {
    const asked = { method: "POST", originalUrl: "/v1/payments", publicOrigin };
    const received = answer({ status: 401, request: unverifiedBinding(asked) });
    expect(inputOf(received)).toContain('("@status" "content-digest" "@method";req "@target-uri";req);created=');
    expect(verdict(received)).toMatchObject({ ok: true, bound: false });
    expect(verdict({ ...received, status: 201 })).toMatchObject({ ok: false, code: "signature_coverage" });
  });

  it("to a malformed target can be signed", () => {
    for (const [originalUrl, targetUri] of [
      ["http://other.example/x", "http://other.example/x"],
      ["/a b\u00e9", `${publicOrigin}/a%20b%C3%A9`],
      ["*", "*"],
    ] as const) {
      const request = unverifiedBinding({ method: "GET", originalUrl, publicOrigin });
      expect(request.targetUri).toBe(targetUri);
      const received = answer({ status: 400, request });
      expect(verdict(received, request)).toMatchObject({ ok: true, bound: false });
    }
  });

  it("to bytes that were no request is still signed", () => {
    expect(inputOf(answer({ status: 400, request: undefined }))).toContain('sig=("@status" "content-digest");created=');
  });

  it.each(["ES256", "PS256"] as const)("verifies with %s", async (alg) => {
    const key = await loadSignKey(await generateJwk(alg));
    const received = { ...answer({ key }), request: post.sent, nowMs };
    expect(verifyResponse({ ...received, resolveKey: () => key })).toMatchObject({ ok: true, keyid: key.keyid });
    expect(verifyResponse({ ...received, status: 200, resolveKey: () => key })).toMatchObject({
      code: "signature_invalid",
    });
  });

  const good = answer();
  const changed = (name: string, change: (text: string) => string) => ({
    ...good,
    rawHeaders: withHeader(good.rawHeaders, name, change),
  });
  const forged = Buffer.from('{"id":"pay_2"}');
  const replayed = answer({ headers: { "Content-Type": "application/json", "Idempotency-Replayed": "?1" } });

  it.each<[RefusalCode, string, ReturnType<typeof answer>]>([
    ["signature_invalid", "another status", { ...good, status: 200 }],
    ["signature_invalid", "another content type", changed("content-type", () => "text/html")],
    [
      "signature_invalid",
      "a replay mark changed",
      { ...replayed, rawHeaders: withHeader(replayed.rawHeaders, "idempotency-replayed", () => "?0") },
    ],
    [
      "signature_coverage",
      "a replay mark added",
      { ...good, rawHeaders: [...good.rawHeaders, "Idempotency-Replayed", "?1"] },
    ],
    [
      "signature_invalid",
      "a forged body with its own digest",
      { ...changed("content-digest", () => `sha-256=:${digestOf(forged)}:`), body: forged },
    ],
    ["digest_mismatch", "a forged body", { ...good, body: forged }],
    ["digest_mismatch", "the body taken away", { ...good, body: Buffer.alloc(0) }],
    ["digest_missing", "no digest", { ...good, rawHeaders: withoutHeader(good.rawHeaders, "content-digest") }],
    [
      "signature_coverage",
      "a body where none was signed",
      {
        ...answer({ status: 204, headers: {}, body: Buffer.alloc(0) }),
        rawHeaders: [
          ...answer({ status: 204, headers: {}, body: Buffer.alloc(0) }).rawHeaders,
          "Content-Digest",
          `sha-256=:${digestOf(forged)}:`,
        ],
        body: forged,
      },
    ],
    [
      "signature_coverage",
      "content-digest;req in place of its own",
      changed("signature-input", (t) => t.replace('"content-digest" ', "")),
    ],
    [
      "signature_coverage",
      "another label of the request",
      changed("signature-input", (t) => t.replaceAll('key="sig"', 'key="sig2"')),
    ],
    [
      "signature_coverage",
      "a field of the request that it did not cover",
      changed("signature-input", (t) => t.replace('"@method";req', '"@method";req "host";req')),
    ],
    [
      "signature_coverage",
      "a parameter outside the profile",
      changed("signature-input", (t) => t.replace('"@method";req', '"@method";req;bs')),
    ],
    ["signature_missing", "not signed", { ...good, rawHeaders: withoutHeader(good.rawHeaders, "signature") }],
    ["duplicate_header", "two digests", { ...good, rawHeaders: [...good.rawHeaders, "content-digest", "x"] }],
    [
      "content_encoding_unsupported",
      "compressed",
      { ...good, rawHeaders: [...good.rawHeaders, "content-encoding", "gzip"] },
    ],
    ["signature_invalid", "signed by the partner itself", answer({ key: partnerKey })],
  ])("is refused with %s: %s", (code, _, received) => {
    expect(verdict(received)).toMatchObject({ ok: false, code });
  });

  it("is refused when it is stale", () => {
    expect(verdict(good, post.sent, nowMs + 61_000)).toMatchObject({ code: "signature_expired" });
  });

  it("is refused when it answers another request", () => {
    const other = exchange("POST", Buffer.from('{"a":1}'));
    expect(verdict(good, other.sent)).toMatchObject({ code: "signature_invalid" });
  });
});
