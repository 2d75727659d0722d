import { RateLimiterMemory } from "rate-limiter-flexible";
import { createNonceWindow, signatureLimits } from "#signature";
import { admitBy } from "./counts.ts";
import type { Counts, Nonce } from "./counts.ts";
import { limitersBy } from "./limiters.ts";

export interface NearCounts extends Counts {
  /** False when the nonce was used before. */
  remember(nonce: Nonce): Promise<boolean>;
}

/** Counts of this process, for itself and for the `workers` that ask it. */
export function memoryCounts(nowMs: () => number, workers = 1): NearCounts {
  const { claim } = createNonceWindow({
    nowMs,
    maxNonces: signatureLimits.maxNonces * workers,
    maxNoncesPerKey: signatureLimits.maxNoncesPerKey * workers,
  });
  const consume = limitersBy(
    (_counted, { points, windowSeconds }) => new RateLimiterMemory({ keyPrefix: "", points, duration: windowSeconds }),
  );
  const remember = ({ keyid, nonce, expiresAtMs }: Nonce): Promise<boolean> => claim(keyid, nonce, expiresAtMs);
  return { admit: admitBy(remember, consume), consume, remember };
}
