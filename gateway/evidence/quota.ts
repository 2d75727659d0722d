/** A flood of refused requests must not fill the disk: some of each kind are recorded, the rest is counted. */

export interface Quota {
  /** True when one more of this code may be recorded now. */
  allows(code: string): boolean;
  /** Counts one that was not recorded. */
  miss(): void;
  /** How many were not recorded since the last call. */
  missed(): number;
}

export function createQuota(limits: {
  windowMs: number;
  maxPerCode: number;
  maxCodes: number;
  nowMs(): number;
}): Quota {
  let windowEndsMs = 0;
  let missed = 0;
  const used = new Map<string, number>();
  return {
    allows(code) {
      const nowMs = limits.nowMs();
      if (nowMs >= windowEndsMs) {
        used.clear();
        windowEndsMs = nowMs + limits.windowMs;
      }
      const count = used.get(code) ?? 0;
      if (count >= limits.maxPerCode || (count === 0 && used.size >= limits.maxCodes)) return false;
      used.set(code, count + 1);
      return true;
    },
    miss() {
      missed += 1;
    },
    missed() {
      const count = missed;
      missed = 0;
      return count;
    },
  };
}
