import type { RequestHandler } from "express";
import { Problem } from "#problem";
import type { PartnerConfig } from "../config/index.ts";
import type { Counts } from "../shared/index.ts";
import { callOf, partnerOf } from "./call.ts";
import { inboundLimits as limits } from "./limits.ts";

/**
 * Per partner: `requestsPerSecond`, averaged over a window. Tells what is left in `RateLimit` and `RateLimit-Policy`
 * (draft-ietf-httpapi-ratelimit-headers). Problem: `rate_limited`.
 */
export function throttle(partners: readonly PartnerConfig[], counts: Pick<Counts, "consume">): RequestHandler {
  const windowSeconds = limits.rateWindowSeconds;
  const quotas = new Map(
    partners.map(({ id, requestsPerSecond }) => [id, { points: requestsPerSecond * windowSeconds, windowSeconds }]),
  );
  return async (request, _response, next) => {
    const call = callOf(request);
    const { id } = partnerOf(call);
    const quota = quotas.get(id);
    if (quota === undefined) throw new Error(`no quota for partner ${id}`);
    const { refused, remaining, resetMs } = await counts.consume("partner", id, quota);
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
