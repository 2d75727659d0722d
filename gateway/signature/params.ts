/** Rule 6: the parameters of a signature, and when it is fresh. */
import type { BareItem, Parameters } from "structured-headers";
import { maxNonceChars, maxSkewSeconds, minNonceChars } from "./limits.ts";
import { refuse } from "./refusal.ts";

export interface SignatureParams {
  /** Epoch seconds. */
  readonly created: number;
  /** Epoch seconds. */
  readonly expires: number | undefined;
  /** RFC 7638 thumbprint of the signer's key. */
  readonly keyid: string;
  readonly nonce: string | undefined;
}

/** RFC 7638 with SHA-256: 32 bytes in base64url. */
const thumbprint = /^[A-Za-z0-9_-]{43}$/;
/** The characters of base64, base64url, hex, UUIDs and ULIDs. */
const nonceShape = new RegExp(`^[A-Za-z0-9._~+/=:-]{${minNonceChars},${maxNonceChars}}$`);

/**
 * An unknown parameter is refused, not ignored: RFC 9421 6.3 leaves its meaning to a registry, so the signer may have
 * limited the signature in a way that we would not honour. `alg` is refused because the key decides the algorithm
 * (RFC 9421 3.3.7).
 */
const known = new Set(["created", "expires", "keyid", "nonce", "tag"]);

/** Reads and checks the form of all parameters. Refuses with `signature_params`. */
export function readParams(params: Parameters, required: { readonly nonce: boolean }): SignatureParams {
  for (const name of params.keys()) {
    if (name === "alg") refuse("signature_params", "alg must not be sent: the key decides the algorithm.");
    if (!known.has(name))
      refuse("signature_params", "Only created, expires, keyid, nonce and tag are parameters of this profile.");
  }
  const created = epochSeconds(params.get("created"), "created");
  if (created === undefined) refuse("signature_params", "created is missing.");
  const expires = epochSeconds(params.get("expires"), "expires");
  if (expires !== undefined && expires <= created) refuse("signature_params", "expires must lie after created.");
  const keyid = params.get("keyid");
  if (typeof keyid !== "string" || !thumbprint.test(keyid)) {
    refuse("signature_params", "keyid must be the key's RFC 7638 SHA-256 thumbprint, as a quoted string.");
  }
  return { created, expires, keyid, nonce: readNonce(params.get("nonce"), required.nonce) };
}

function epochSeconds(value: BareItem | undefined, name: string): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value === "number" && Number.isInteger(value) && value >= 0) return value;
  return refuse("signature_params", `${name} must be an integer: seconds since 1970.`);
}

function readNonce(nonce: BareItem | undefined, required: boolean): string | undefined {
  if (nonce === undefined && !required) return undefined;
  if (typeof nonce === "string" && nonceShape.test(nonce)) return nonce;
  return refuse(
    "signature_params",
    `nonce must be a quoted string of ${minNonceChars} to ${maxNonceChars} characters of A-Z a-z 0-9 . _ ~ + / = : -`,
  );
}

/**
 * `created` in [now − maxAge, now + skew], `expires` not reached. Refuses with `signature_expired` and the server's
 * time.
 */
export function checkFreshness(params: SignatureParams, nowMs: number, maxAgeSeconds: number, base: string): void {
  const serverTime = Math.floor(nowMs / 1000);
  const expired = (detail: string): never => refuse("signature_expired", detail, { serverTime, base });
  if (params.created < serverTime - maxAgeSeconds)
    expired(`created is more than ${maxAgeSeconds} s old; sign each attempt anew.`);
  if (params.created > serverTime + maxSkewSeconds) {
    expired(`created lies more than ${maxSkewSeconds} s in the future; check the clock.`);
  }
  if (params.expires !== undefined && params.expires <= serverTime) expired("expires has passed.");
}
