/** How long this process has stood still: what passes meanwhile is nobody else's doing. */
export interface Standstill {
  /** Milliseconds since the start, all together. */
  totalMs(): number;
  stop(): void;
}

/** Adds up by how much a timer comes late. A loop that is busy but gets around within `everyMs` does not stand still. */
export function watchStandstill(everyMs: number): Standstill {
  let stoodMs = 0;
  let dueMs = performance.now() + everyMs;
  const lateMs = (): number => Math.max(0, performance.now() - dueMs);
  const timer = setInterval(() => {
    stoodMs += lateMs();
    dueMs = performance.now() + everyMs;
  }, everyMs).unref();
  return {
    totalMs: () => stoodMs + lateMs(),
    stop: () => clearInterval(timer),
  };
}
