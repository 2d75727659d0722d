/**
 * The signature bytes. node:crypto and libsodium, because JOSE libraries sign JOSE inputs only; key objects are imported once.
 */
import { generateKeyPairSync, sign, verify, constants } from "node:crypto";
import type { SigningOptions } from "node:crypto";
import { ed25519 } from "./ed25519.ts";
import type { SignKey, SignatureAlgorithm, VerifyKey } from "./keys.ts";

/** RFC 7518 3.4: r‖s, not DER. RFC 7518 3.5: a PSS salt as long as the hash. Both over SHA-256. */
const encodings: Record<Exclude<SignatureAlgorithm, "EdDSA">, SigningOptions> = {
  ES256: { dsaEncoding: "ieee-p1363" },
  PS256: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 },
};

/** Signs a signature base with the key's own algorithm. */
export function signBase(key: SignKey, base: string): Buffer {
  const bytes = Buffer.from(base);
  if (key.alg === "EdDSA") return ed25519.sign(key.privateKey, bytes);
  return sign("sha256", bytes, { key: key.privateKey, ...encodings[key.alg] });
}

/**
 * Whether `signature` is the key's over `base`; malformed bytes are false, never an exception. Blocks for 50 µs (Ed25519)
 * to 100 µs.
 */
export function verifyBase(key: VerifyKey, base: string, signature: Uint8Array): boolean {
  const bytes = Buffer.from(base);
  if (key.alg === "EdDSA") return ed25519.verify(key.publicKey, bytes, signature);
  return verify("sha256", bytes, { key: key.publicKey, ...encodings[key.alg] }, signature);
}

/** A key that nobody can sign with: its private half is dropped here. */
const nobody: VerifyKey = {
  keyid: "",
  alg: "EdDSA",
  publicKey: generateKeyPairSync("ed25519").publicKey,
};

/** Does the work of a verification for an unknown key, and says no. */
export function verifyInVain(base: string, signature: Uint8Array): false {
  verifyBase(nobody, base, signature);
  return false;
}
