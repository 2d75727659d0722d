/** Every bound of this room. Names end in their unit. */
export const evidenceLimits = {
  /** Exchanges that wait to be stored, and places given to calls under way; one more call waits for a place. */
  maxPlaces: 10_000,
  /** How long a call waits for a place before it is refused; nothing was done for it then. */
  placeWaitMs: 2_000,
  /** Entries of one append, thus of one commit. */
  maxBatchEntries: 500,
  /** How long entries wait for others, so that a commit is shared; nobody waits for it. */
  gatherMs: 20,
  /** Pauses between attempts to store what the store did not take; the last one repeats. */
  retryAfterMs: [100, 500, 2_000, 5_000],
  /** A store that has taken nothing for so long makes the gateway not ready. */
  maxFailingMs: 10_000,
  /** A checkpoint is signed after so many entries, or after so long when there is any. */
  checkpointEveryEntries: 1_000,
  checkpointEveryMs: 5 * 60_000,
  /** How long a drain tries to store what is left. */
  drainWithinMs: 10_000,
  /** Exchanges without a place (unsigned, refused, throttled): recorded for each minute and code; beyond it, counted. */
  maxRefusedPerMinuteAndCode: 20,
  refusedWindowMs: 60_000,
  /** Codes counted apart in one window; the catalogue has fewer. */
  maxRefusedCodes: 200,
} as const;

export type EvidenceLimits = { readonly [Name in keyof typeof evidenceLimits]: Widened<(typeof evidenceLimits)[Name]> };

type Widened<T> = T extends number ? number : readonly number[];
