import { generateKeyPairSync } from "node:crypto";
import { exportJWK, generateKeyPair } from "jose";
import { describe, expect, it } from "vitest";
import golden from "./golden.json" with { type: "json" };
import {
  KeyRefused,
  type SignatureAlgorithm,
  generateJwk,
  loadKeySet,
  loadSignKey,
  loadVerifyKey,
  publicJwks,
  signBase,
  verifyBase,
} from "./index.ts";

const algorithms: [SignatureAlgorithm, number][] = [
  ["EdDSA", 64],
  ["ES256", 64],
  ["PS256", 256],
];

const { kid: _kid, ...partner } = golden.keys.partner;
const rsa = (modulusLength: number, publicExponent = 65_537) =>
  generateKeyPairSync("rsa", { modulusLength, publicExponent }).publicKey.export({ format: "jwk" });

describe("a key", () => {
  it.each(algorithms)("%s signs and verifies", async (alg, signatureBytes) => {
    const jwk = await generateJwk(alg);
    const key = await loadSignKey(jwk);
    expect(key).toMatchObject({ alg, keyid: jwk.kid });
    const signature = signBase(key, "the base");
    expect(signature.byteLength).toBe(signatureBytes);
    const known = (await loadKeySet(publicJwks([key]))).get(key.keyid);
    if (known === undefined) throw new Error("the key set lost its key");
    const wrong = Buffer.from(signature);
    wrong[20] = (wrong[20] ?? 0) ^ 1;
    expect(verifyBase(known, "the base", signature)).toBe(true);
    expect(verifyBase(known, "the basf", signature)).toBe(false);
    expect(verifyBase(known, "the base", wrong)).toBe(false);
    expect(verifyBase(known, "the base", new Uint8Array())).toBe(false);
  });

  it("takes its keyid from the material: kid may be absent, Ed25519 is a name of EdDSA", async () => {
    expect((await loadSignKey({ ...partner, alg: "Ed25519" })).keyid).toBe(golden.keys.partner.kid);
  });

  it("is refused when another key's public half stands beside its private half", async () => {
    const mixed = { ...golden.keys.gateway, d: golden.keys.partner.d };
    await expect(loadSignKey(mixed)).rejects.toThrow(KeyRefused);
  });

  it("is published without private members", async () => {
    const keys = await Promise.all(algorithms.map(async ([alg]) => loadSignKey(await generateJwk(alg))));
    for (const jwk of publicJwks(keys).keys) {
      expect(jwk).toMatchObject({ use: "sig", kid: expect.any(String), alg: expect.any(String) });
      for (const secret of ["d", "p", "q", "dp", "dq", "qi"]) expect(jwk).not.toHaveProperty(secret);
    }
  });

  it.each<[string, unknown]>([
    ["no object", "key"],
    ["null", null],
    ["a kid that is no thumbprint", { ...partner, kid: "partner-a" }],
    ["another key's kid", { ...partner, kid: golden.keys.gateway.kid }],
    ["a shared secret", { kty: "oct", k: "c2VjcmV0", alg: "HS256" }],
    ["RS256", { ...rsa(2048), alg: "RS256" }],
    ["RSA of 1024 bits", rsa(1024)],
    ["an RSA exponent of 3", rsa(2048, 3)],
    ["alg none", { ...partner, alg: "none" }],
    ["ES256 with an Ed25519 key", { ...partner, alg: "ES256" }],
    ["an encryption key", { ...partner, use: "enc" }],
    ["Ed25519 material cut short", { kty: "OKP", crv: "Ed25519", x: "AAAA" }],
    ["X25519", { kty: "OKP", crv: "X25519", x: partner.x }],
    ["P-384", { kty: "EC", crv: "P-384", x: "AAAA", y: "AAAA" }],
    ["a point off the curve", { kty: "EC", crv: "P-256", x: "A".repeat(43), y: "A".repeat(43) }],
  ])("is refused: %s", async (_, jwk) => {
    await expect(loadVerifyKey(jwk)).rejects.toThrow(KeyRefused);
  });

  it("does not sign with a public half", async () => {
    const { d: _d, ...half } = partner;
    await expect(loadSignKey(half)).rejects.toThrow("private");
  });
});

describe("a key set", () => {
  const { d: _d, ...half } = partner;
  it.each<[string, unknown]>([
    ["no keys", { keys: [] }],
    ["no set", [half]],
    ["one bad key among good ones", { keys: [half, { ...half, alg: "none" }] }],
    ["17 keys", { keys: Array.from({ length: 17 }, () => half) }],
  ])("is refused: %s", async (_, jwks) => {
    await expect(loadKeySet(jwks)).rejects.toThrow(KeyRefused);
  });

  it("finds each key by its thumbprint", async () => {
    const { publicKey } = await generateKeyPair("ES256", { extractable: true });
    const keys = await loadKeySet({ keys: [half, await exportJWK(publicKey)] });
    expect([...keys.values()].map(({ alg }) => alg)).toEqual(["EdDSA", "ES256"]);
    expect(keys.has(golden.keys.partner.kid)).toBe(true);
  });
});
