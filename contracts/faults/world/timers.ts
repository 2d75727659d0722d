/**
 * Puts the process's timers under virtual time: `setTimeout`, `setInterval`, the promise of `node:timers/promises` and
 * `performance.now()`. The gateway's code runs unchanged: its deadlines, pauses and polls take no real time.
 */
import { syncBuiltinESMExports } from "node:module";
import timersPromises from "node:timers/promises";
import type { Handle, VirtualTime } from "./time.ts";

/** What `setTimeout` returns, as far as the gateway and its libraries use it. */
class VirtualTimer {
  handle: Handle | undefined;
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
  hasRef(): boolean {
    return false;
  }
  close(): this {
    this.handle?.cancel();
    return this;
  }
}

type Callback = (...args: unknown[]) => void;

/** Installs it for the process; the function returned puts everything back. */
export function installTimers(time: VirtualTime): () => void {
  const startMs = time.nowMs;
  const real = {
    setTimeout: globalThis.setTimeout,
    clearTimeout: globalThis.clearTimeout,
    setInterval: globalThis.setInterval,
    clearInterval: globalThis.clearInterval,
    sleep: timersPromises.setTimeout,
    now: performance.now.bind(performance),
  };
  const once = (callback: Callback, delayMs = 0, ...args: unknown[]): VirtualTimer => {
    const timer = new VirtualTimer();
    timer.handle = time.after(delayMs, time.owner, () => callback(...args));
    return timer;
  };
  const every = (callback: Callback, delayMs = 1, ...args: unknown[]): VirtualTimer => {
    const timer = new VirtualTimer();
    const owner = time.owner;
    const again = (): void => {
      timer.handle = time.after(Math.max(1, delayMs), owner, () => {
        again();
        callback(...args);
      });
    };
    again();
    return timer;
  };
  const clear = (timer: unknown): void => {
    if (timer instanceof VirtualTimer) timer.close();
    else real.clearTimeout(timer as NodeJS.Timeout);
  };
  const sleep = <T>(delayMs?: number, value?: T, options?: { signal?: AbortSignal }): Promise<T> =>
    new Promise((resolve, reject) => {
      const signal = options?.signal;
      if (signal?.aborted) return reject(signal.reason as Error);
      const timer = once(() => resolve(value as T), delayMs);
      signal?.addEventListener("abort", () => (timer.close(), reject(signal.reason as Error)), { once: true });
    });
  Object.assign(globalThis, { setTimeout: once, clearTimeout: clear, setInterval: every, clearInterval: clear });
  Object.assign(timersPromises, { setTimeout: sleep });
  Object.assign(performance, { now: () => time.nowMs - startMs });
  syncBuiltinESMExports();
  return () => {
    const { sleep: promised, now: _now, ...globals } = real;
    Object.assign(globalThis, globals);
    Object.assign(timersPromises, { setTimeout: promised });
    Reflect.deleteProperty(performance, "now");
    syncBuiltinESMExports();
  };
}
