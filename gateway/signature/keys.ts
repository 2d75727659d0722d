/** Rule 9: JWKs in, node:crypto key objects out; imported once, so that no request pays for it. */
import { KeyObject, createPublicKey } from "node:crypto";
import { type JWK, calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK } from "jose";
import { maxKeysPerSet, maxRsaBits, minRsaBits } from "./limits.ts";

export type SignatureAlgorithm = "EdDSA" | "ES256" | "PS256";

export interface VerifyKey {
  /** RFC 7638 SHA-256 thumbprint. */
  readonly keyid: string;
  readonly alg: SignatureAlgorithm;
  readonly publicKey: KeyObject;
}

export interface SignKey extends VerifyKey {
  readonly privateKey: KeyObject;
}

/** A JWK that this profile does not take; the message says why and holds no key material. */
export class KeyRefused extends Error {
  override readonly name = "KeyRefused";
}

/** Imports a public JWK, or the public half of a private one. Throws KeyRefused. */
export async function loadVerifyKey(jwk: unknown): Promise<VerifyKey> {
  const { keyid, alg, publicKey } = await load(jwk);
  return { keyid, alg, publicKey };
}

/** Imports a private JWK. Throws KeyRefused. */
export async function loadSignKey(jwk: unknown): Promise<SignKey> {
  const { keyid, alg, publicKey, imported } = await load(jwk);
  if (imported.type !== "private") throw new KeyRefused("a private JWK is needed to sign");
  return { keyid, alg, publicKey, privateKey: imported };
}

/** Imports a JWKS: keyid → key. One bad key refuses the set, so that nobody believes a key registered that is not. */
export async function loadKeySet(jwks: unknown): Promise<ReadonlyMap<string, VerifyKey>> {
  const members: unknown = isRecord(jwks) ? jwks["keys"] : undefined;
  if (!Array.isArray(members) || members.length === 0)
    throw new KeyRefused('a JWKS is {"keys":[…]} with at least one key');
  if (members.length > maxKeysPerSet) throw new KeyRefused(`a JWKS holds at most ${maxKeysPerSet} keys`);
  const keys = await Promise.all(members.map((member) => loadVerifyKey(member)));
  return new Map(keys.map((key) => [key.keyid, key]));
}

/** The JWKS to publish: public members only, each with `kid`, `alg` and `use`. */
export function publicJwks(keys: Iterable<VerifyKey>): { keys: JWK[] } {
  return {
    keys: [...keys].map((key) => ({
      ...publicMembers(key.publicKey),
      kid: key.keyid,
      alg: key.alg,
      use: "sig",
    })),
  };
}

/** Makes a new private JWK of this profile, with `kid`, `alg` and `use`. */
export async function generateJwk(alg: SignatureAlgorithm = "EdDSA"): Promise<JWK> {
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  const jwk = await exportJWK(privateKey);
  return { ...jwk, kid: await calculateJwkThumbprint(jwk), alg, use: "sig" };
}

async function load(jwk: unknown): Promise<VerifyKey & { imported: KeyObject }> {
  if (!isRecord(jwk)) throw new KeyRefused("a JWK is a JSON object");
  const alg = algorithmOf(jwk);
  const imported = await importKey(jwk, alg);
  if (alg === "PS256") checkRsa(imported);
  const publicKey = imported.type === "private" ? createPublicKey(imported) : imported;
  // The thumbprint of what was imported, not of what was claimed: `x` beside another key's `d` changes nothing.
  const keyid = await calculateJwkThumbprint(publicMembers(publicKey));
  if (jwk["kid"] !== undefined && jwk["kid"] !== keyid)
    throw new KeyRefused(`kid must be the RFC 7638 thumbprint ${keyid}`);
  return { keyid, alg, publicKey, imported };
}

async function importKey(jwk: JWK, alg: SignatureAlgorithm): Promise<KeyObject> {
  let key: CryptoKey | Uint8Array;
  try {
    // key_ops and ext say what another importer may do with the key; they are not this profile's business.
    const { key_ops: _operations, ext: _extractable, ...material } = jwk;
    key = await importJWK(material, alg, { extractable: true });
  } catch {
    throw new KeyRefused("the JWK's key material is not valid");
  }
  if (key instanceof Uint8Array) throw new KeyRefused("a shared secret is no signature key");
  return KeyObject.from(key);
}

/** The key decides the algorithm; a declared `alg` or `use` must agree with it. */
function algorithmOf(jwk: Record<string, unknown>): SignatureAlgorithm {
  const alg = curveAlgorithm(jwk);
  const declared = jwk["alg"] === "Ed25519" ? "EdDSA" : jwk["alg"];
  if (declared !== undefined && declared !== alg) throw new KeyRefused(`alg of this key must be ${alg}`);
  if (jwk["use"] !== undefined && jwk["use"] !== "sig") throw new KeyRefused("use must be sig");
  return alg;
}

function curveAlgorithm({ kty, crv }: Record<string, unknown>): SignatureAlgorithm {
  if (kty === "OKP" && crv === "Ed25519") return "EdDSA";
  if (kty === "EC" && crv === "P-256") return "ES256";
  if (kty === "RSA") return "PS256";
  throw new KeyRefused("only Ed25519, P-256 and RSA keys sign here");
}

function checkRsa(key: KeyObject): void {
  const { modulusLength = 0, publicExponent = 0n } = key.asymmetricKeyDetails ?? {};
  if (modulusLength < minRsaBits || modulusLength > maxRsaBits) {
    throw new KeyRefused(`an RSA key has ${minRsaBits} to ${maxRsaBits} bits`);
  }
  // Small exponents are weak, huge ones make each verification slow.
  if (publicExponent < 65_537n || publicExponent > 0xffff_ffffn) throw new KeyRefused("an RSA key's exponent is 65537");
}

function publicMembers(key: KeyObject): JWK {
  return key.export({ format: "jwk" }) as JWK;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
