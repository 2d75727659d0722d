import type { OverloadLimits } from "./limits.ts";

/** How the event loop keeps up. */
export interface Lateness {
  /** Looks at the clock, which it expects to do every `tickMs`. */
  tick(nowMs: number): void;
  /** For how long, and in how many ticks, the loop has been late and busy without a break. */
  standing(nowMs: number): { forMs: number; ticks: number };
  /** Whether the loop is late and busy at this moment, within a turn of it too. */
  isNow(): boolean;
  /** How it was since the last time this was asked. */
  lately(): { isLate: boolean; isBusy: boolean };
}

/** Late without being busy is the machine's doing: refusing would help nobody. */
export function watchLateness({
  tickMs,
  targetLagMs,
  busyShare,
}: Pick<OverloadLimits, "tickMs" | "targetLagMs" | "busyShare">): Lateness {
  let dueMs = performance.now() + tickMs;
  let lateSinceMs = 0;
  let lateTicks = 0;
  let loopInTime = performance.eventLoopUtilization();
  let loopLately = loopInTime;
  let ticks = 0;
  let lagMs = 0;
  const isBusySince = (loop: typeof loopInTime): boolean =>
    performance.eventLoopUtilization(loop).utilization >= busyShare;
  return {
    tick(nowMs) {
      const lateMs = Math.max(0, nowMs - dueMs);
      ticks += 1;
      lagMs += lateMs;
      if (lateMs <= targetLagMs) {
        lateTicks = 0;
        loopInTime = performance.eventLoopUtilization();
      } else {
        if (lateTicks === 0) lateSinceMs = dueMs;
        lateTicks += 1;
      }
      dueMs = nowMs + tickMs;
    },
    standing(nowMs) {
      if (lateTicks === 0 || !isBusySince(loopInTime)) return { forMs: 0, ticks: 0 };
      return { forMs: nowMs - lateSinceMs, ticks: lateTicks };
    },
    isNow: () => performance.now() - dueMs > targetLagMs && isBusySince(loopInTime),
    lately() {
      const isBusy = isBusySince(loopLately);
      const isLate = isBusy && lagMs > targetLagMs * ticks;
      loopLately = performance.eventLoopUtilization();
      ticks = lagMs = 0;
      return { isLate, isBusy };
    },
  };
}
