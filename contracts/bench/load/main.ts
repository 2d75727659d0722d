/** The load in a process of its own: a round for each message. */
import { runRound } from "./round.ts";
import type { RoundOptions, RoundResult } from "./round.ts";

/** What a round comes to. Latencies in milliseconds, of successes. */
export interface RoundFigures {
  seconds: number;
  statuses: Record<string, number>;
  succeeded: number;
  failed: number;
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
  maxMs: number;
}

function figures({ seconds, statuses, latenciesMs }: RoundResult): RoundFigures {
  const sorted = latenciesMs.toSorted();
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
  const all = Object.values(statuses).reduce((sum, count) => sum + count, 0);
  const succeeded = sorted.length;
  const perSecond = succeeded / seconds;
  return { seconds, statuses, succeeded, failed: all - succeeded, perSecond, p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) };
}

process.on("message", (options: RoundOptions) => {
  runRound(options).then(
    (result) => process.send?.({ answer: figures(result) }),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});
process.on("disconnect", () => process.exit(0));
