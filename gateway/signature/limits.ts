/** Every bound of the signature profile, by name and unit. Rule numbers are those of README.md. */

/** Rule 4: characters of a `Signature-Input` field; a request of this profile needs about 300, an answer about 500. */
export const maxSignatureInputChars = 4096;
/** Rule 4: characters of a `Signature` field; the largest allowed RSA key needs 1,372. */
export const maxSignatureChars = 4096;
/** Rule 4: signatures in one message, foreign tags included. */
export const maxSignatures = 8;
/** Rule 5: components that one signature covers. */
export const maxComponents = 32;
/** Rule 5: lists of components that are kept once read, and characters of one. */
export const maxKeptLists = 256;
export const maxKeptListChars = 512;

/** Rule 2: characters of a request target (path and query). */
export const maxTargetChars = 8192;

/** Rule 6: a request or answer is fresh while `created` lies in [now − maxAge, now + maxSkew]. */
export const maxAgeSeconds = 60;
export const maxSkewSeconds = 10;
/** Rule 6: how long a nonce stays taken; longer than the time in which its signature could be accepted. */
export const nonceLifetimeSeconds = 120;
export const minNonceChars = 16;
export const maxNonceChars = 64;

/** Rule 6: nonces of safe methods that one process remembers, over all keys and for one key. */
export const maxNonces = 500_000;
export const maxNoncesPerKey = 250_000;

/** Rule 7: characters of a `Content-Digest` field; sha-256 and sha-512 together need 160. */
export const maxContentDigestChars = 512;
export const maxDigests = 8;
/** Rule 7: characters of an idempotency key, quotes not counted. */
export const maxIdempotencyKeyChars = 255;

/** Rule 9: RSA moduli below are weak, above cost a caller's share of the processor. */
export const minRsaBits = 2048;
export const maxRsaBits = 8192;
export const maxKeysPerSet = 16;

/** Rule 12: a webhook attempt is fresh for five minutes. */
export const webhookMaxAgeSeconds = 300;
/** Rule 12: characters of a `webhook-id`. */
export const maxWebhookIdChars = 128;
