import { createCipheriv, createDecipheriv } from "node:crypto";
import type { Sodium } from "../sodium/index.ts";

/** An AEAD with keys of 32 bytes, nonces of 12 and tags of 16. */
export interface Cipher {
  /** Writes ciphertext ‖ tag into `sealed`, which has 16 bytes more than `plain`. */
  seal(sealed: Uint8Array, plain: Uint8Array, by: Keyed): void;
  /** @throws when it was altered, or is not under this key, nonce and associated data. */
  open(sealed: Uint8Array, by: Keyed): Uint8Array;
}

interface Keyed {
  key: Uint8Array;
  nonce: Uint8Array;
  associated: Uint8Array;
}

export const tagBytes = 16;

type NodeCipher = "aes-256-gcm" | "chacha20-poly1305";

/** AES-256-GCM (NIST SP 800-38D) or ChaCha20-Poly1305 (RFC 8439). */
export function cipherByNode(name: NodeCipher): Cipher {
  // Node declares each AEAD by a signature of its own; the two are used alike.
  const gcm = name as "aes-256-gcm";
  return {
    seal(sealed, plain, { key, nonce, associated }) {
      const cipher = createCipheriv(gcm, key, nonce, { authTagLength: tagBytes });
      cipher.setAAD(associated);
      sealed.set(cipher.update(plain));
      // A mode for streams: all is out already, and this is for the tag.
      cipher.final();
      sealed.set(cipher.getAuthTag(), plain.length);
    },
    open(sealed, { key, nonce, associated }) {
      const decipher = createDecipheriv(gcm, key, nonce, { authTagLength: tagBytes });
      decipher.setAAD(associated);
      decipher.setAuthTag(sealed.subarray(-tagBytes));
      const start = decipher.update(sealed.subarray(0, -tagBytes));
      return Buffer.concat([start, decipher.final()]);
    },
  };
}

/** ChaCha20-Poly1305 (RFC 8439): the same bytes as node:crypto's. */
export const cipherBySodium = (sodium: Sodium): Cipher => ({
  seal(sealed, plain, { key, nonce, associated }) {
    sodium.crypto_aead_chacha20poly1305_ietf_encrypt(sealed, plain, associated, null, nonce, key);
  },
  open(sealed, { key, nonce, associated }) {
    const plain = Buffer.allocUnsafe(sealed.length - tagBytes);
    sodium.crypto_aead_chacha20poly1305_ietf_decrypt(plain, null, sealed, associated, nonce, key);
    return plain;
  },
});
