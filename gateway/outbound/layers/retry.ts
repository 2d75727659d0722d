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
    for (let attempt = 1; ; attempt += 1) {
      const credentialKeys = new Set<string>();
      try {
        return await next({ ...call, attempt, credentialKeys });
      } catch (error) {
        const stale = isStaleCredential(error, credentialKeys);
        if (stale) credentials.drop(call.adapter.manifest.name, credentialKeys);
        const delayMs = attempt < limits.maxAttempts ? delayBefore(error, stale, attempt, call, random) : undefined;
        if (delayMs === undefined) throw error;
        await sleep(delayMs, undefined, { signal: call.budget.signal }).catch(() => {
          throw error;
        });
      }
    }
  };

/** A vendor that answers 401 to a token of ours has not acted on the request. */
function isStaleCredential(error: unknown, used: ReadonlySet<string>): boolean {
  return error instanceof Fault && error.code === "vendor_unauthenticated" && used.size > 0;
}

function delayBefore(
  error: unknown,
  stale: boolean,
  attempt: number,
  call: OutboundCall,
  random: () => number,
): number | undefined {
  if (!(error instanceof Fault)) return undefined;
  const mayRepeat =
    (stale && attempt === 1) ||
    (error.counts && (error.outcome === "not_sent" || (error.outcome === "unknown" && call.operation.effect === "read")));
  if (!mayRepeat || error.code === "vendor_invalid_answer") return undefined;
  const ceilingMs = Math.min(limits.retryMaxDelayMs, limits.retryBaseDelayMs * 2 ** attempt);
  const delayMs = stale ? 0 : Math.max(random() * ceilingMs, (error.retryAfterSeconds ?? 0) * 1_000);
  return delayMs + limits.minAttemptBudgetMs < call.budget.remainingMs() ? delayMs : undefined;
}
