import type { Logger } from "pino";
import type { Store } from "#store";

const pruneEveryMs = 60_000;

/** Deletes expired nonces and claims from time to time, in bounded slices. */
export function startUpkeep(store: Store, now: () => Date, logger: Logger): { stop(): Promise<void> } {
  let running = Promise.resolve();
  const prune = async () => {
    try {
      await store.prune(now().getTime());
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
