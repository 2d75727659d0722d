/**
 * Ed25519 (RFC 8032) by libsodium, where its prebuilt addon is there: half of what OpenSSL takes, and more than anything else
 * that a request costs. By node:crypto otherwise. Both make the same bytes and take the same signatures, except that libsodium
 * refuses keys and points of small order, which no honest signer has.
 */
import { sign, verify } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { sodium as sodiumHere } from "../sodium/index.ts";
import type { Sodium } from "../sodium/index.ts";

export interface Ed25519 {
  readonly by: "libsodium" | "node:crypto";
  sign(privateKey: KeyObject, message: Uint8Array): Buffer;
  /** Malformed bytes are false, never an exception. */
  verify(publicKey: KeyObject, message: Uint8Array, signature: Uint8Array): boolean;
}

const signatureBytes = 64;
const secretKeyBytes = 64;

export const byNode: Ed25519 = {
  by: "node:crypto",
  sign: (privateKey, message) => sign(null, message, privateKey),
  verify: (publicKey, message, signature) => verify(null, message, publicKey, signature),
};

/** Key objects keep their material in OpenSSL's own form, so each one's bytes are exported once. */
export function bySodium(sodium: Sodium): Ed25519 {
  const rawKeys = new WeakMap<KeyObject, Buffer>();
  const rawOf = (key: KeyObject, read: (key: KeyObject) => Buffer): Buffer => {
    const known = rawKeys.get(key);
    if (known !== undefined) return known;
    const raw = read(key);
    rawKeys.set(key, raw);
    return raw;
  };
  const secretOf = (key: KeyObject): Buffer => {
    const { d = "", x = "" } = key.export({ format: "jwk" });
    const secret = sodium.sodium_malloc(secretKeyBytes);
    secret.write(d, "base64url");
    secret.write(x, secretKeyBytes / 2, "base64url");
    return secret;
  };
  return {
    by: "libsodium",
    sign(privateKey, message) {
      const signature = Buffer.allocUnsafe(signatureBytes);
      sodium.crypto_sign_detached(signature, message, rawOf(privateKey, secretOf));
      return signature;
    },
    verify(publicKey, message, signature) {
      if (signature.byteLength !== signatureBytes) return false;
      return sodium.crypto_sign_verify_detached(signature, message, rawOf(publicKey, publicOf));
    },
  };
}

function publicOf(key: KeyObject): Buffer {
  return Buffer.from(key.export({ format: "jwk" }).x ?? "", "base64url");
}

export const ed25519: Ed25519 = sodiumHere === undefined ? byNode : bySodium(sodiumHere);
