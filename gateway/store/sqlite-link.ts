import type { Worker } from "node:worker_threads";
import { failed, StoreError } from "./errors.ts";
import type { Send } from "./front.ts";
import { packUnits, unpackOutcome } from "./sqlite-packing.ts";
import type { FromWorker, ToWorker } from "./sqlite-port.ts";
import type { Outcome } from "./units.ts";

/** A running worker: one batch at a time goes to it. */
export interface Link {
  send: Send;
  /** Lets the worker close its database; ends it after `closeDeadlineMs`. */
  close(): Promise<void>;
}

/**
 * Waits until the worker has an open, migrated database. A worker that dies stays dead: what was under way fails with
 * an unknown effect, what comes later with none, health() tells, and a new process is the cure.
 * @throws StoreError as the worker says, or `store_unavailable` when it says nothing within `openDeadlineMs`; a migration may take longer.
 */
export async function link(worker: Worker, limits: { openDeadlineMs: number; closeDeadlineMs: number }): Promise<Link> {
  const exited = new Promise<void>((resolve) => worker.once("exit", () => resolve()));
  const started = Promise.withResolvers<void>();
  let batch: PromiseWithResolvers<Outcome[]> | undefined;
  let death: string | undefined;

  const post = (message: ToWorker, moved: ArrayBuffer[] = []): void => worker.postMessage(message, moved);
  const die = (why: string): void => {
    death ??= why;
    started.reject(new StoreError("store_unavailable", death));
    batch?.reject(new StoreError("store_unavailable", death, "unknown"));
    batch = undefined;
  };
  worker.on("error", (error: Error) => die(`the store's thread failed: ${error.message}`));
  worker.on("exit", () => die("the store's thread has ended"));
  worker.on("message", (message: FromWorker) => {
    if (message.kind === "migrating") clearTimeout(openTimer);
    else if (message.kind === "ready") started.resolve();
    else if (message.kind === "failed") started.reject(failed(message.failure));
    else {
      batch?.resolve(message.outcomes.map(unpackOutcome));
      batch = undefined;
    }
  });

  const openTimer = setTimeout(() => die(`not open within ${limits.openDeadlineMs} ms`), limits.openDeadlineMs);
  try {
    await started.promise;
  } catch (thrown) {
    await worker.terminate();
    throw thrown;
  } finally {
    clearTimeout(openTimer);
  }

  return {
    send(units) {
      if (death !== undefined) return Promise.reject(new StoreError("store_unavailable", death));
      const answer = Promise.withResolvers<Outcome[]>();
      batch = answer;
      const packed = packUnits(units);
      post({ kind: "batch", batch: packed }, [packed.bytes.buffer]);
      return answer.promise;
    },

    async close() {
      if (death !== undefined) return;
      post({ kind: "close" });
      const timer = setTimeout(() => void worker.terminate(), limits.closeDeadlineMs);
      await exited;
      clearTimeout(timer);
    },
  };
}
