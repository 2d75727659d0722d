import { RateLimiterMemory } from "rate-limiter-flexible";
import { createNonceWindow, signatureLimits } from "#signature";
import type { Counts } from "./counts.ts";
import { limitersBy } from "./limiters.ts";

/** Counts of this process, for itself and for the `workers` that ask it. */
export function memoryCounts(nowMs: () => number, workers = 1): Counts {
  const { claim } = createNonceWindow({
    nowMs,
    maxNonces: signatureLimits.maxNonces * workers,
    maxNoncesPerKey: signatureLimits.maxNoncesPerKey * workers,
  });
  const consume = limitersBy(
    (_counted, { points, windowSeconds }) => new RateLimiterMemory({ keyPrefix: "", points, duration: windowSeconds }),
  );
  return { claim, consume };
}
