/** Bounds of the way in when more arrives than can be done. Names end in their unit. */
export const overloadLimits = {
  /** The event loop that is late by more than this, all the time of a window, has more work than it can do. */
  targetLagMs: 40,
  /** And of that window it works for at least this share. */
  busyShare: 0.9,
  /** How often lateness is looked at. */
  tickMs: 10,
  windowMs: 100,
  /** So many late windows in a row: a process that has just begun compiles, and a collection of garbage passes. */
  lateWindows: 3,
  /** After so many windows that were not late, and in which nobody was refused, it is over. */
  calmWindows: 10,
  /** Calls under way at a time while it lasts: enough to keep the thread busy, few enough to be answered soon. */
  maxInFlight: 128,
  /** Above that, kept for those who have had less than an even part. */
  reserve: 1.25,
  /** What is shared in a window: what was done in the last one and a little more, and never less than the minimum. */
  growth: 1.1,
  minPerWindow: 10,
  /** Answers of one second that are kept to be given again. */
  maxKeptAnswers: 1_000,
  /** Seconds that a refused caller is asked to wait: some less, some more, so that they do not return together. */
  retryAfterSeconds: [1, 2, 3],
} as const;

export type OverloadLimits = {
  [
    Name in "targetLagMs" | "busyShare" | "tickMs" | "windowMs" | "lateWindows" | "maxInFlight" | "minPerWindow"
  ]: number;
};

/** For a gateway whose vendors are played in its own thread: what they cost says nothing of it. */
export const neverOverloaded: Partial<OverloadLimits> = { targetLagMs: Infinity };
