import { setImmediate as nextTurn } from "node:timers";
import { asStoreError, failed, StoreError } from "./errors.ts";
import type { FrontLimits } from "./limits.ts";
import type { Engine, Outcome, Unit, UnitName, Units } from "./units.ts";

/** How a batch reaches an engine: one outcome a unit, in order; a rejection is the failure of them all. */
export type Send = (units: Unit[]) => Promise<Outcome[]>;

interface Job {
  unit: Unit;
  endsMs: number;
  resolve: (output: never) => void;
  reject: (error: StoreError) => void;
}

/**
 * The batching front that engines share. What arrives within one turn of the event loop, or while a batch is under way,
 * shares the next batch: one transaction, one fsync. It holds the queue's bound and every call's deadline.
 * A unit still waiting at its deadline is withdrawn (`store_busy`, surely nothing done); one under way has an
 * unknown effect (`store_unavailable`).
 */
export function front(send: Send, release: () => Promise<void>, limits: FrontLimits): Engine {
  const waiting = new Set<Job>();
  /** In the order in which they were given, which is that of their deadlines. */
  const open = new Set<Job>();
  let flying = false;
  let scheduled = false;
  let closing: Promise<void> | undefined;
  let idle: (() => void) | undefined;
  /** For the oldest: a timer for each would cost more than the rest of this. */
  let timer: NodeJS.Timeout | undefined;

  const end = (job: Job): boolean => {
    if (!open.delete(job)) return false;
    if (open.size > 0) return true;
    clearTimeout(timer);
    timer = undefined;
    idle?.();
    return true;
  };
  const settle = (job: Job, outcome: Outcome): void => {
    if (!end(job)) return;
    if (outcome.ok) job.resolve(outcome.output as never);
    else job.reject(failed(outcome.failure));
  };
  const fail = (job: Job, error: StoreError): void => {
    if (end(job)) job.reject(error);
  };

  const watch = (): void => {
    const [oldest] = open;
    timer = oldest && setTimeout(expire, Math.max(1, oldest.endsMs - performance.now()));
  };
  const expire = (): void => {
    timer = undefined;
    const nowMs = performance.now();
    const late: Job[] = [];
    for (const job of open) {
      if (job.endsMs > nowMs) break;
      if (waiting.delete(job)) fail(job, new StoreError("store_busy", `not begun within ${limits.deadlineMs} ms`));
      else late.push(job);
    }
    // One turn more: after a stall of the event loop the timer is seen before an answer that has long been there.
    nextTurn(() => {
      const error = new StoreError("store_unavailable", `no answer within ${limits.deadlineMs} ms`, "unknown");
      for (const job of late) fail(job, error);
      if (timer === undefined) watch();
    });
  };

  const schedule = (): void => {
    if (flying || scheduled || waiting.size === 0) return;
    scheduled = true;
    nextTurn(() => void flush());
  };

  const flush = async (): Promise<void> => {
    scheduled = false;
    const batch = [...waiting].slice(0, limits.maxBatchUnits);
    if (batch.length === 0) return;
    for (const job of batch) waiting.delete(job);
    flying = true;
    try {
      const outcomes = await send(batch.map((job) => job.unit));
      for (const [at, job] of batch.entries()) settle(job, outcomes[at] ?? unanswered);
    } catch (thrown) {
      const error = asStoreError(thrown, "unknown");
      for (const job of batch) fail(job, error);
    }
    flying = false;
    schedule();
  };

  const run = <Name extends UnitName>(name: Name, input: Units[Name]["input"]): Promise<Units[Name]["output"]> => {
    if (closing) return Promise.reject(new StoreError("store_closed", "the store is closed"));
    if (waiting.size >= limits.maxQueuedUnits) {
      return Promise.reject(new StoreError("store_busy", `${limits.maxQueuedUnits} units are waiting already`));
    }
    return new Promise((resolve, reject) => {
      const unit = { name, input } as Unit;
      const job: Job = { unit, endsMs: performance.now() + limits.deadlineMs, resolve, reject };
      open.add(job);
      waiting.add(job);
      if (timer === undefined) watch();
      schedule();
    });
  };

  const close = (): Promise<void> => {
    closing ??= (async () => {
      if (open.size > 0) await new Promise<void>((resolve) => (idle = resolve));
      await release();
    })();
    return closing;
  };

  return { run, close };
}

const unanswered: Outcome = {
  ok: false,
  failure: { code: "store_unavailable", message: "the engine gave no outcome", effect: "unknown" },
};
