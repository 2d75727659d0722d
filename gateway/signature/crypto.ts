/**
 * The signature bytes. node:crypto, because JOSE libraries sign JOSE inputs only, and its key objects are imported
 * once.
 */
import { generateKeyPairSync, sign, verify, constants } from "node:crypto";
import type { KeyObject, SigningOptions, VerifyKeyObjectInput } from "node:crypto";
import type { SignKey, SignatureAlgorithm, VerifyKey } from "./keys.ts";

/** RFC 7518 3.4: r‖s, not DER. RFC 7518 3.5: a PSS salt as long as the hash. */
const options: Record<SignatureAlgorithm, { hash: string | null; encoding?: SigningOptions }> = {
  EdDSA: { hash: null },
  ES256: { hash: "sha256", encoding: { dsaEncoding: "ieee-p1363" } },
  PS256: { hash: "sha256", encoding: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 } },
};

function verifyInput(key: VerifyKey, encoding: SigningOptions | undefined): VerifyKeyObjectInput | KeyObject {
  return encoding === undefined ? key.publicKey : { key: key.publicKey, ...encoding };
}

/** Signs a signature base with the key's own algorithm. */
export function signBase(key: SignKey, base: string): Buffer {
  const { hash, encoding } = options[key.alg];
  const bytes = Buffer.from(base);
  return encoding === undefined
    ? sign(hash, bytes, key.privateKey)
    : sign(hash, bytes, { key: key.privateKey, ...encoding });
}

/**
 * Whether `signature` is the key's over `base`; malformed bytes are false, never an exception. Blocks for about 70
 * µs.
 */
export function verifyBase(key: VerifyKey, base: string, signature: Uint8Array): boolean {
  const { hash, encoding } = options[key.alg];
  return verify(hash, Buffer.from(base), verifyInput(key, encoding), signature);
}

/** `verifyBase` on the thread pool. */
export function verifyBaseAsync(key: VerifyKey, base: string, signature: Uint8Array): Promise<boolean> {
  const { hash, encoding } = options[key.alg];
  return new Promise((resolve, reject) => {
    verify(hash, Buffer.from(base), verifyInput(key, encoding), signature, (error, valid) => {
      if (error) reject(error);
      else resolve(valid);
    });
  });
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

/** `verifyInVain` on the thread pool. */
export async function verifyInVainAsync(base: string, signature: Uint8Array): Promise<false> {
  await verifyBaseAsync(nobody, base, signature);
  return false;
}
