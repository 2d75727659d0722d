/** Bounds of the way in when more arrives than can be done. Names end in their unit. */
export const overloadLimits = {
  /** How often lateness is looked at. */
  tickMs: 10,
  /** The event loop that is late by more than this has more work than it can do. */
  targetLagMs: 40,
  /** And of the time in which it was late it worked for at least this share. */
  busyShare: 0.9,
  /** Late for so long without a break, in so many ticks: a process that has just begun compiles, and a burst passes. */
  lateForMs: 300,
  lateTicks: 3,
  /**
   * Late at all is enough when so many times as many calls are under way as when there was time left. Of the fewest that is
   * a burst which a vendor's bulkhead still takes, and which is answered before its places are given up.
   */
  crowd: 1.5,
  /** How often what may be taken is measured anew. */
  windowMs: 100,
  /** After so many windows that were not late, and in which nobody was refused, it is over. */
  calmWindows: 10,
  /**
   * Calls under way while it lasts: as many as when there was time left, and at least so many, which keep the thread busy and
   * are answered soon.
   */
  minInFlight: 128,
  /** That bound after a window that was late; and both after one with time left in which calls were refused. */
  shrink: 0.9,
  growth: 1.2,
  /** Calls taken in a window: the most that were done in one of the last few, with the growth; never fewer than the minimum. */
  recentWindows: 5,
  minPerWindow: 10,
  /** For so long a partner that has proven itself has a place of its own among unproven claims. */
  provenForMs: 60_000,
  /** Answers of one second that are kept to be given again. */
  maxKeptAnswers: 1_000,
  /** Seconds that a refused caller is asked to wait: some less, some more, so that they do not return together. */
  retryAfterSeconds: [1, 2, 3],
} as const;

export type OverloadLimits = {
  [
    Name in
      | "tickMs"
      | "targetLagMs"
      | "busyShare"
      | "lateForMs"
      | "lateTicks"
      | "windowMs"
      | "minInFlight"
      | "minPerWindow"
  ]: number;
};

/** For a gateway whose vendors are played in its own thread: what they cost says nothing of it. */
export const neverOverloaded: Partial<OverloadLimits> = { targetLagMs: Infinity };
