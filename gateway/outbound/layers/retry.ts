import { setTimeout as sleep } from "node:timers/promises";
import { Fault } from "#capability";
import { outboundLimits as limits } from "../limits.ts";
import type { CredentialCache } from "../credentials.ts";
import type { Layer, OutboundCall } from "../types.ts";

/**
 * Repeats only what may be repeated, jittered and inside the budget: what surely never reached the vendor always; what may
 * have happened only for reads; and once, with new credentials, what the vendor refused because a token had ended.
 */
export const retry =
  (credentials: CredentialCache, random: () => number): Layer =>
  (next) =>
  async (call) => {
    let renewed = false;
    for (let attempt = 1; ; attempt += 1) {
      const usedCredentials = new Map<string, string>();
      try {
        return await next({ ...call, attempt, usedCredentials });
      } catch (error) {
        const stale = isStaleCredential(error, usedCredentials);
        if (stale) credentials.drop(call.adapter.manifest.name, usedCredentials);
        const renewable = stale && !renewed;
        const delayMs = attempt < limits.maxAttempts ? delayBefore(error, renewable, attempt, call, random) : undefined;
        if (delayMs === undefined) throw error;
        renewed ||= stale;
        await sleep(delayMs, undefined, { signal: call.budget.signal }).catch(() => {
          throw error;
        });
      }
    }
  };

/** A vendor that answers 401 to a token of ours has not acted on the request. */
function isStaleCredential(error: unknown, used: ReadonlyMap<string, string>): boolean {
  return error instanceof Fault && error.code === "vendor_unauthenticated" && used.size > 0;
}

function delayBefore(
  error: unknown,
  renewable: boolean,
  attempt: number,
  call: OutboundCall,
  random: () => number,
): number | undefined {
  if (!(error instanceof Fault)) return undefined;
  const mayRepeat =
    renewable ||
    (error.counts &&
      (error.outcome === "not_sent" || (error.outcome === "unknown" && call.operation.effect === "read")));
  if (!mayRepeat || error.code === "vendor_invalid_answer") return undefined;
  const ceilingMs = Math.min(limits.retryMaxDelayMs, limits.retryBaseDelayMs * 2 ** attempt);
  const delayMs = renewable ? 0 : Math.max(random() * ceilingMs, (error.retryAfterSeconds ?? 0) * 1_000);
  return delayMs + limits.minAttemptBudgetMs < call.budget.remainingMs() ? delayMs : undefined;
}
