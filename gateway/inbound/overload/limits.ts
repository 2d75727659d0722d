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
  /** Requests that are taken in a window whatever the lag, so that it can be seen to go away. */
  minTakenPerWindow: 10,
  /** What of the requests taken so far is taken while the loop is late: much later, and a little. */
  cutFar: 0.8,
  cutNear: 0.95,
  /** Above the limit, kept for those who have had less than an even part of it. */
  reserve: 1.25,
  /** How the number grows again while all of it is used. */
  growth: 1.05,
  /** After so many windows in which it was not used up, nothing is refused any more. */
  calmWindows: 10,
  /** Answers of one second that are kept to be given again. */
  maxKeptAnswers: 1_000,
  /** Seconds that a refused caller is asked to wait: some less, some more, so that they do not return together. */
  retryAfterSeconds: [1, 2, 3],
} as const;

export type OverloadLimits = {
  [Name in "targetLagMs" | "busyShare" | "tickMs" | "windowMs" | "lateWindows" | "minTakenPerWindow"]: number;
};

/** For a gateway whose vendors are played in its own thread: what they cost says nothing of it. */
export const neverOverloaded: Partial<OverloadLimits> = { targetLagMs: Infinity };
