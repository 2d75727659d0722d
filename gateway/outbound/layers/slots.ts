/** Places for calls in flight, and a short line in front of them: a burst waits, a vendor that hangs does not gather a crowd. */
export interface Slots {
  /** A place, at once or when one comes free; its release is to be called once. Undefined: the line is full, or the wait too long. */
  take(signal: AbortSignal): (() => void) | undefined | Promise<(() => void) | undefined>;
}

export function createSlots(limits: { maxInFlight: number; maxWaiting: number; maxWaitMs: number }): Slots {
  let inFlight = 0;
  const waiting = new Set<(place: (() => void) | undefined) => void>();

  const release = (): void => {
    const [next] = waiting;
    // The place goes on to whoever waits longest.
    if (next !== undefined) next(release);
    else inFlight -= 1;
  };

  const wait = (signal: AbortSignal): Promise<(() => void) | undefined> =>
    new Promise((resolve) => {
      const settle = (place: (() => void) | undefined): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", giveUp);
        waiting.delete(settle);
        resolve(place);
      };
      const giveUp = (): void => settle(undefined);
      const timer = setTimeout(giveUp, limits.maxWaitMs);
      signal.addEventListener("abort", giveUp, { once: true });
      waiting.add(settle);
    });

  return {
    take(signal) {
      if (inFlight < limits.maxInFlight) {
        inFlight += 1;
        return release;
      }
      return waiting.size >= limits.maxWaiting || signal.aborted ? undefined : wait(signal);
    },
  };
}
