/**
 * libsodium, where its prebuilt addon is there: an optional dependency. It does what node:crypto does in a third of the time,
 * since it makes no object for each message. Who uses it must give the same bytes without it.
 */
import { createRequire } from "node:module";

/** What is used of sodium-native, which brings no types. All of it is synchronous and writes into its first argument. */
export interface Sodium {
  /** 64 bytes. `secretKey`: seed ‖ public key, 64 bytes. */
  crypto_sign_detached(signature: Uint8Array, message: Uint8Array, secretKey: Uint8Array): void;
  /** Throws for a signature of fewer than 64 bytes. */
  crypto_sign_verify_detached(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean;
  /** RFC 8439: ciphertext ‖ tag, 16 bytes more than `plain`. `nonce`: 12 bytes; `key`: 32. */
  crypto_aead_chacha20poly1305_ietf_encrypt(
    sealed: Uint8Array,
    plain: Uint8Array,
    associated: Uint8Array,
    unused: null,
    nonce: Uint8Array,
    key: Uint8Array,
  ): void;
  /** The other way. Throws when it does not open. */
  crypto_aead_chacha20poly1305_ietf_decrypt(
    plain: Uint8Array,
    unused: null,
    sealed: Uint8Array,
    associated: Uint8Array,
    nonce: Uint8Array,
    key: Uint8Array,
  ): void;
  /** Memory that is locked, guarded, and wiped when it is let go of. */
  sodium_malloc(bytes: number): Buffer;
}

const require = createRequire(import.meta.url);

/** Undefined where it was not built for this platform, or left out at the installation. */
export const sodium: Sodium | undefined = load();

function load(): Sodium | undefined {
  try {
    return require("sodium-native") as Sodium;
  } catch {
    return undefined;
  }
}
