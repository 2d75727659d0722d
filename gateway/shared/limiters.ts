import { RateLimiterRes } from "rate-limiter-flexible";
import type { RateLimiterAbstract } from "rate-limiter-flexible";
import type { Consumed, Counted, Quota } from "./counts.ts";

/** One limiter for each quota that is in use; there are as many as the configuration names. */
export function limitersBy(
  make: (counted: Counted, quota: Quota) => RateLimiterAbstract,
): (counted: Counted, id: string, quota: Quota) => Promise<Consumed> {
  const made = new Map<string, RateLimiterAbstract>();
  return (counted, id, quota) => {
    const name = `${counted} ${quota.points} ${quota.windowSeconds}`;
    const limiter = made.get(name) ?? make(counted, quota);
    made.set(name, limiter);
    return consume(limiter, id);
  };
}

async function consume(limiter: RateLimiterAbstract, id: string): Promise<Consumed> {
  try {
    return consumed(await limiter.consume(id), false);
  } catch (error) {
    // The library rejects with its result when the quota is used up, and with an Error when it fails.
    if (error instanceof RateLimiterRes) return consumed(error, true);
    throw error;
  }
}

function consumed({ remainingPoints, msBeforeNext }: RateLimiterRes, refused: boolean): Consumed {
  return { refused, remaining: Math.max(0, remainingPoints), resetMs: Math.max(0, msBeforeNext) };
}
