import type { RequestHandler } from "express";
import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import { Problem } from "#problem";
import type { PartnerConfig } from "../config/index.ts";
import { callOf, partnerOf } from "./call.ts";
import { inboundLimits as limits } from "./limits.ts";

/**
 * Per partner: `requestsPerSecond`, averaged over a window. Tells what is left in `RateLimit` and `RateLimit-Policy`
 * (draft-ietf-httpapi-ratelimit-headers). Problem: `rate_limited`.
 */
export function throttle(partners: readonly PartnerConfig[]): RequestHandler {
  const limiters = new Map(
    partners.map(({ id, requestsPerSecond }) => [
      id,
      new RateLimiterMemory({
        keyPrefix: "",
        points: requestsPerSecond * limits.rateWindowSeconds,
        duration: limits.rateWindowSeconds,
      }),
    ]),
  );
  return async (request, _response, next) => {
    const call = callOf(request);
    const { id } = partnerOf(call);
    const limiter = limiters.get(id);
    if (limiter === undefined) throw new Error(`no limiter for partner ${id}`);
    const { result, refused } = await consume(limiter, id);
    const resetSeconds = Math.ceil(result.msBeforeNext / 1_000);
    call.headers["RateLimit-Policy"] = `"partner";q=${limiter.points};w=${limits.rateWindowSeconds}`;
    call.headers["RateLimit"] = `"partner";r=${Math.max(0, result.remainingPoints)};t=${resetSeconds}`;
    if (refused) throw new Problem("rate_limited", { retryAfterSeconds: Math.max(1, resetSeconds) });
    next();
  };
}

/** Counts refused requests per source address. */
export function refusalCounter(): (address: string) => Promise<boolean> {
  const limiter = new RateLimiterMemory({ keyPrefix: "", points: limits.maxRefusedPerMinute, duration: 60 });
  return async (address) => (await consume(limiter, address)).refused;
}

async function consume(limiter: RateLimiterMemory, key: string): Promise<{ result: RateLimiterRes; refused: boolean }> {
  try {
    return { result: await limiter.consume(key), refused: false };
  } catch (error) {
    // The library rejects with its result when the quota is used up, and with an Error when it fails.
    if (error instanceof RateLimiterRes) return { result: error, refused: true };
    throw error;
  }
}
