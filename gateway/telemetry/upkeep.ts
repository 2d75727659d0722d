import type { Logger } from "pino";
import { resources } from "#specs";
import { voidStatus } from "../operations/index.ts";
import type { Retention, Store } from "#store";

const pruneEveryMs = 60_000;

const dayMs = 86_400_000;

export interface RetentionDays {
  eventsDays: number;
  resourcesDays: number;
  quarantineDays: number;
}

/** Deletes what has expired from time to time, in bounded slices: nonces, claims, and past their retention the rest. */
export function startUpkeep(
  store: Store,
  days: RetentionDays,
  now: () => Date,
  logger: Logger,
): { stop(): Promise<void> } {
  const retention: Retention = {
    eventsMs: days.eventsDays * dayMs,
    resourcesMs: days.resourcesDays * dayMs,
    quarantineMs: days.quarantineDays * dayMs,
    finalStatuses: Object.fromEntries(
      Object.entries(resources).map(([kind, { finalStates }]) => [kind, [...finalStates, voidStatus]]),
    ),
  };
  let running = Promise.resolve();
  const prune = async () => {
    try {
      await store.prune(now().getTime(), retention);
    } catch (error) {
      logger.warn({ reason: (error as Error).name }, "pruning failed; it is tried again");
    }
  };
  const timer = setInterval(() => {
    running = running.then(prune);
  }, pruneEveryMs);
  timer.unref();
  return {
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}
