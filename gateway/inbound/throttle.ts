import type { RequestHandler } from "express";
import { Problem } from "#problem";
import type { PartnerConfig } from "../config/index.ts";
import type { Counts, Quota } from "../shared/index.ts";
import { callOf, partnerOf } from "./call.ts";
import { inboundLimits as limits } from "./limits.ts";

const windowSeconds = limits.rateWindowSeconds;

/** Per partner: `requestsPerSecond`, averaged over a window. */
export function quotasOf(partners: readonly PartnerConfig[]): ReadonlyMap<string, Quota> {
  return new Map(
    partners.map(({ id, requestsPerSecond }) => [id, { points: requestsPerSecond * windowSeconds, windowSeconds }]),
  );
}

/**
 * Judges what `verify` took of the partner's quota, and tells what is left in `RateLimit` and `RateLimit-Policy`
 * (draft-ietf-httpapi-ratelimit-headers). Problem: `rate_limited`.
 */
export function throttle(quotas: ReadonlyMap<string, Quota>): RequestHandler {
  return (request, _response, next) => {
    const call = callOf(request);
    const { consumed } = call;
    const quota = quotas.get(partnerOf(call).id);
    if (consumed === undefined || quota === undefined) throw new Error("throttle ran before verify");
    const { refused, remaining, resetMs } = consumed;
    const resetSeconds = Math.ceil(resetMs / 1_000);
    call.headers["RateLimit-Policy"] = `"partner";q=${quota.points};w=${windowSeconds}`;
    call.headers["RateLimit"] = `"partner";r=${remaining};t=${resetSeconds}`;
    if (refused) throw new Problem("rate_limited", { retryAfterSeconds: Math.max(1, resetSeconds) });
    next();
  };
}

const refusedQuota = { points: limits.maxRefusedPerMinute, windowSeconds: 60 };

/** Counts refused requests per source address. */
export function refusalCounter(counts: Pick<Counts, "consume">): (address: string) => Promise<boolean> {
  return async (address) => (await counts.consume("refused", address, refusedQuota)).refused;
}
