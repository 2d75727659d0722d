/**
 * `http-message-sig`, another implementation of RFC 9421, as judge: it accepts what we sign and refuses what we
 * refuse.
 */
import { webcrypto } from "node:crypto";
import {
  type MessageDescriptor,
  type RequestDescriptor,
  type Verifier,
  component,
  createSignature,
  verifySignature,
} from "http-message-sig";
import { describe, expect, it } from "vitest";
import {
  type ReceivedRequest,
  type SignKey,
  generateJwk,
  loadSignKey,
  signRequest,
  signResponse,
  signWebhook,
  verifyRequest,
} from "./index.ts";
import { refusedRequests } from "./testing/refused.ts";
import { createdSeconds, gatewayKey, nowMs, partnerKey, publicOrigin, resolveKey } from "./testing/messages.ts";

const importing = {
  EdDSA: "Ed25519",
  ES256: { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" },
  PS256: { name: "RSA-PSS", hash: "SHA-256", saltLength: 32 },
} as const;

/** Verifies through WebCrypto, so that not even the crypto calls are shared with what is judged. */
async function verifierFor({ alg, publicKey }: SignKey): Promise<Verifier> {
  const jwk = publicKey.export({ format: "jwk" });
  const key = await webcrypto.subtle.importKey("jwk", jwk, importing[alg], false, ["verify"]);
  return {
    algorithm: alg,
    verify: (data, signature) =>
      webcrypto.subtle.verify(importing[alg], key, new Uint8Array(signature), new Uint8Array(data)),
  };
}

async function judge(
  message: MessageDescriptor,
  key: SignKey,
  requiredComponents: string[] = [],
  tag = /./,
  now = nowMs / 1000,
): Promise<boolean> {
  const verifier = await verifierFor(key);
  const policy = { algorithms: [key.alg], requiredComponents, requiredParameters: ["created", "keyid", "tag"] };
  try {
    await verifySignature(message, {
      policy: {
        ...policy,
        maxAge: 60,
        clockSkew: 0,
        now,
        validate: ({ parameters }) => tag.test(parameters.tag ?? ""),
      },
      resolveVerifier: ({ parameters }) => {
        if (parameters.keyid !== key.keyid) throw new Error("unknown key");
        return verifier;
      },
    });
    return true;
  } catch {
    return false;
  }
}

const fieldsOf = (rawHeaders: readonly string[]) =>
  rawHeaders.flatMap((name, i) => (i % 2 === 0 ? [{ name, value: rawHeaders[i + 1] ?? "" }] : []));

const described = ({ method, originalUrl, publicOrigin: origin, rawHeaders }: ReceivedRequest): RequestDescriptor => ({
  kind: "request",
  method,
  targetUri: origin + originalUrl,
  fields: fieldsOf(rawHeaders),
});

const body = Buffer.from('{"a":"1"}');
const targetUri = `${publicOrigin}/v1/payments?dry=1`;
const headers = { "Content-Type": "application/json", "Idempotency-Key": '"k-1"' };

const ours = (key: SignKey) => signRequest({ method: "POST", targetUri, headers, body, key, created: createdSeconds });
const sent = (signed: Readonly<Record<string, string>>): RequestDescriptor => ({
  kind: "request",
  method: "POST",
  targetUri,
  fields: fieldsOf(Object.entries({ ...headers, ...signed }).flat()),
});

describe("the judge accepts what we sign", () => {
  it.each(["EdDSA", "ES256", "PS256"] as const)("request and answer with %s", async (alg) => {
    const key = await loadSignKey(await generateJwk(alg));
    const signed = ours(key);
    expect(await judge(sent(signed.headers), key, ["@method", "@target-uri", "content-digest"])).toBe(true);
    expect(await judge({ ...sent(signed.headers), method: "PUT" }, key)).toBe(false);

    const own = { "Content-Type": "application/json", "Idempotency-Replayed": "?1" };
    const answer = { status: 201, headers: own, body, request: signed.binding, key, created: createdSeconds };
    const response = {
      kind: "response",
      status: 201,
      fields: fieldsOf(Object.entries({ ...own, ...signResponse(answer) }).flat()),
      request: sent(signed.headers),
    } as const;
    expect(await judge(response, key, ["@status", "content-digest", "idempotency-replayed"])).toBe(true);
    expect(await judge({ ...response, status: 200 }, key)).toBe(false);
    expect(await judge({ ...response, request: sent(ours(key).headers) }, key)).toBe(false);
  });

  it("webhook", async () => {
    const signed = signWebhook({ url: targetUri, body, webhookId: "evt_1", key: gatewayKey, created: createdSeconds });
    const message = {
      kind: "request",
      method: "POST",
      targetUri,
      fields: fieldsOf(Object.entries(signed).flat()),
    } as const;
    expect(await judge(message, gatewayKey, ["webhook-id", "content-digest"])).toBe(true);
    expect(await judge({ ...message, targetUri: `${targetUri}&x` }, gatewayKey)).toBe(false);
  });
});

describe("we accept what the judge signs", () => {
  it("with its own label and order of parameters", async () => {
    const { "Content-Digest": digest = "" } = ours(partnerKey).headers;
    const message = sent({ "Content-Digest": digest });
    const jwk = partnerKey.privateKey.export({ format: "jwk" });
    const key = await webcrypto.subtle.importKey("jwk", jwk, "Ed25519", false, ["sign"]);
    const names = ["content-type", "@target-uri", "idempotency-key", "content-digest", "@method"];
    const { signature, signatureInput } = await createSignature(message, {
      label: "theirs",
      components: names.map((name) => component(name)),
      parameters: {
        tag: "fapi-2-request",
        nonce: "0123456789abcdef",
        keyid: partnerKey.keyid,
        created: createdSeconds,
      },
      signer: {
        algorithm: "EdDSA",
        sign: async (data) => new Uint8Array(await webcrypto.subtle.sign("Ed25519", key, new Uint8Array(data))),
      },
    });
    const rawHeaders = [
      ...Object.entries({ ...headers, Host: "gw.example.com", "Content-Digest": digest }).flat(),
      ...Object.entries({ "Signature-Input": signatureInput, Signature: signature }).flat(),
    ];
    const received = { method: "POST", originalUrl: "/v1/payments?dry=1", rawHeaders, body, publicOrigin, nowMs };
    expect(verifyRequest({ ...received, resolveKey })).toMatchObject({ ok: true, partner: "alpha" });
  });
});

/** What a general implementation cannot know: rules of this profile beyond RFC 9421. */
const profileOnly = /^(?:target_malformed|host_mismatch|duplicate_header|digest_|body_unexpected|content_)/;
const judgedAlike = refusedRequests.filter(({ code }) => !profileOnly.test(code));

describe("the judge refuses what we refuse", () => {
  // Left out are limits and shapes of this profile, and base64 without padding, which that implementation forgives.
  const profileShapes =
    /nonce|keyid|^alg$|unknown parameter|Authorization|DPoP|33 comp|nine sig|too long|derived|token$|padding/;
  const traps = judgedAlike.filter(({ name }) => !profileShapes.test(name));

  it.each(traps)("$code: $name", async ({ message }) => {
    const required = ["@method", "@target-uri", "content-digest", "content-type", "idempotency-key"];
    expect(await judge(described(message), partnerKey, required, /^fapi-2-request$/, message.nowMs / 1000)).toBe(false);
  });

  it("over many rows", () => {
    expect(traps.length).toBeGreaterThan(35);
  });
});
