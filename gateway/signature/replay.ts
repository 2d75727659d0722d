/** Rule 6: a signature is accepted once. */
import { maxNonces, maxNoncesPerKey } from "./limits.ts";

/**
 * Where nonces are claimed. Durable for unsafe methods (in the commit of the idempotency claim), in process for safe
 * ones.
 */
export interface NonceStore {
  /**
   * True when (keyid, nonce) was free and is taken until `expiresAtMs`; false when it was taken: answer
   * `signature_replay`. Rejects when the claim cannot be kept: answer 503, never let the request through.
   */
  claim(keyid: string, nonce: string, expiresAtMs: number): Promise<boolean>;
}

/** The window cannot remember another nonce; accepting the request would accept its replay too. */
export class NonceWindowFull extends Error {
  override readonly name = "NonceWindowFull";
}

export interface NonceWindowOptions {
  readonly nowMs?: () => number;
  readonly maxNonces?: number;
  readonly maxNoncesPerKey?: number;
}

/** Nonces that expire within one slice are forgotten together, so that expiry costs nothing per nonce. */
const sliceMs = 30_000;

/** A bounded window in this process's memory; claims are first come, first served and reject when it is full. */
export function createNonceWindow(options: NonceWindowOptions = {}): NonceStore {
  const { nowMs = Date.now, maxNonces: max = maxNonces, maxNoncesPerKey: maxPerKey = maxNoncesPerKey } = options;
  /** End of slice in ms → keyid → nonces. */
  const slices = new Map<number, Map<string, Set<string>>>();
  let total = 0;

  function forgetExpired(): void {
    const now = nowMs();
    for (const [endMs, slice] of slices) {
      if (endMs > now) continue;
      for (const nonces of slice.values()) total -= nonces.size;
      slices.delete(endMs);
    }
  }

  function claimNow(keyid: string, nonce: string, expiresAtMs: number): boolean {
    forgetExpired();
    let ofKey = 0;
    for (const slice of slices.values()) {
      const nonces = slice.get(keyid);
      if (nonces?.has(nonce)) return false;
      ofKey += nonces?.size ?? 0;
    }
    if (total >= max || ofKey >= maxPerKey) {
      throw new NonceWindowFull("too many nonces within their lifetime");
    }
    remember(slices, Math.ceil(expiresAtMs / sliceMs) * sliceMs, keyid, nonce);
    total += 1;
    return true;
  }

  return { claim: async (keyid, nonce, expiresAtMs) => claimNow(keyid, nonce, expiresAtMs) };
}

function remember(slices: Map<number, Map<string, Set<string>>>, endMs: number, keyid: string, nonce: string): void {
  const slice = slices.get(endMs) ?? new Map<string, Set<string>>();
  const nonces = slice.get(keyid) ?? new Set<string>();
  slices.set(endMs, slice.set(keyid, nonces.add(nonce)));
}
