/** The load in a process of its own: a round for each message, or one that is made ready first and carried out at the next. */
import { prepareRound, runRound } from "./round.ts";
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
  return {
    seconds,
    statuses,
    succeeded,
    failed: all - succeeded,
    perSecond,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    maxMs: at(1),
  };
}

export type LoadMessage = RoundOptions | { prepare: RoundOptions } | { run: true };

let ready: (() => Promise<RoundResult>) | undefined;

async function take(message: LoadMessage): Promise<RoundFigures | null> {
  if ("prepare" in message) {
    ready = await prepareRound(message.prepare);
    return null;
  }
  if (!("run" in message)) return figures(await runRound(message));
  if (ready === undefined) throw new Error("no round was made ready");
  const run = ready;
  ready = undefined;
  return figures(await run());
}

process.on("message", (message: LoadMessage) => {
  take(message).then(
    (answer) => process.send?.({ answer }),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});
process.on("disconnect", () => process.exit(0));
