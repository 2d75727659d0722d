/** The two functions of libsodium that are used here; the package brings no types. */
declare module "sodium-native" {
  const sodium: {
    /** Writes 64 bytes into `signature`. `secretKey`: seed ‖ public key, 64 bytes. */
    crypto_sign_detached(signature: Uint8Array, message: Uint8Array, secretKey: Uint8Array): void;
    /** Throws for a signature of fewer than 64 bytes. */
    crypto_sign_verify_detached(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean;
    /** Memory that is locked, guarded, and wiped when it is let go of. */
    sodium_malloc(bytes: number): Buffer;
  };
  export default sodium;
}
