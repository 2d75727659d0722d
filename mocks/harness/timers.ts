/** What a mock does later. Held while the vendor is dead, dropped when it stops. */
export interface Timers {
  later(delayMs: number, run: () => void | Promise<void>): void;
  /** From now on what falls due waits. */
  hold(): void;
  /** Runs what fell due meanwhile, in order. */
  release(): void;
  /** Drops everything, for good. */
  clear(): void;
}

/** `onFailure` gets what a deferred action threw. */
export function createTimers(onFailure: (error: unknown) => void): Timers {
  const pending = new Set<NodeJS.Timeout>();
  let due: (() => void | Promise<void>)[] = [];
  let held = false;
  let cleared = false;

  const start = (run: () => void | Promise<void>): void => {
    Promise.resolve()
      .then(run)
      .catch((error: unknown) => {
        if (!cleared) onFailure(error);
      });
  };

  return {
    later(delayMs, run) {
      if (cleared) return;
      const timer = setTimeout(() => {
        pending.delete(timer);
        if (held) due.push(run);
        else start(run);
      }, delayMs);
      pending.add(timer);
    },
    hold() {
      held = true;
    },
    release() {
      held = false;
      const waiting = due;
      due = [];
      waiting.forEach(start);
    },
    clear() {
      cleared = true;
      pending.forEach((timer) => clearTimeout(timer));
      pending.clear();
      due = [];
    },
  };
}
