import { Fault } from "#capability";
import { outboundLimits as limits } from "../limits.ts";
import type { Budget, Layer } from "../types.ts";

/**
 * The time a call may take, as one signal for the whole call: attempts, waits, token fetches and slow drips alike.
 * `deadlineMs` counts from now; `stop` releases the timer.
 */
export function startBudget(deadlineMs: number): Budget & { stop(): void } {
  const controller = new AbortController();
  const endsAt = performance.now() + deadlineMs;
  const timer = setTimeout(() => controller.abort(), deadlineMs);
  return {
    signal: controller.signal,
    remainingMs: () => Math.max(0, endsAt - performance.now()),
    stop: () => clearTimeout(timer),
  };
}

/** Refuses to start what cannot end in time. */
export const budget: Layer = (next) => async (call) => {
  if (call.budget.signal.aborted || call.budget.remainingMs() < limits.minAttemptBudgetMs) {
    throw new Fault("vendor_timeout", { outcome: "not_sent", detail: "no time was left to call the vendor" });
  }
  return next(call);
};
