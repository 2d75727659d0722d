/** What follows from an attempt. */
import { maxRetryAfterMs, retryJitter } from "./limits.ts";
import type { SendResult } from "./send.ts";

export type Verdict = { outcome: "retry"; nextAttemptAtMs: number } | { outcome: "delivered" | "given_up" | "gone" };

/** Decides after attempt number `number` (from 1): delivered, tried again and when, or given up. */
export function verdictOf(
  result: SendResult,
  number: number,
  nowMs: number,
  /** `random` is in [0, 1). */
  { retryDelaysMs, random }: { retryDelaysMs: readonly number[]; random: number },
): Verdict {
  const { status } = result;
  if (status !== undefined && status >= 200 && status < 300) return { outcome: "delivered" };
  if (status === 410) return { outcome: "gone" };
  const delayMs = retryDelaysMs[number - 1];
  if (delayMs === undefined) return { outcome: "given_up" };
  const ownMs = Math.round(delayMs * (1 + retryJitter * random));
  // An endpoint may ask for more time, not for less: a hasty one would use up its attempts.
  const askedMs = Math.min(retryAfterMs(result.retryAfter, nowMs) ?? 0, maxRetryAfterMs);
  return { outcome: "retry", nextAttemptAtMs: nowMs + Math.max(ownMs, askedMs) };
}

const imfFixdate =
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/** `Retry-After` (RFC 9110 10.2.3), seconds or a date, as milliseconds from now; undefined for anything else. */
export function retryAfterMs(value: string | undefined, nowMs: number): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1_000;
  if (!imfFixdate.test(value)) return undefined;
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs);
}

/** The `error` that is recorded with an attempt that was answered, but not with 2xx. */
export function errorOf({ status, error }: SendResult): string | undefined {
  if (status === undefined) return error;
  if (status >= 300 && status < 400) return "redirect";
  return status >= 200 && status < 300 ? undefined : "answer";
}
