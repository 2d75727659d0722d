import { outboundLimits as limits } from "./limits.ts";

/** IMF-fixdate (RFC 9110 5.6.7), e.g. `Sun, 06 Nov 1994 08:49:37 GMT`. `Date.parse` alone makes a date of almost anything. */
const httpDate = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/**
 * A `Retry-After` in seconds from now (RFC 9110 10.2.3): seconds or an HTTP date, never below 0 and never above the limit.
 * Undefined for anything else.
 */
export function retryAfterSeconds(value: string | undefined, now: Date): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d{1,15}$/.test(value)) return capped(Number(value));
  if (!httpDate.test(value)) return undefined;
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : capped(Math.ceil((at - now.getTime()) / 1_000));
}

function capped(seconds: number): number {
  return Math.min(Math.max(0, seconds), limits.maxRetryAfterSeconds);
}
