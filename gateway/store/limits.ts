/** Bounds that hold for every engine. */
export interface FrontLimits {
  /** From the call to its answer; a unit still waiting then is withdrawn, one under way has an unknown effect. */
  deadlineMs: number;
  /** Units that wait while a batch is under way; one more is refused with `store_busy`. */
  maxQueuedUnits: number;
  /** Units in one transaction, thus per fsync. */
  maxBatchUnits: number;
}

/** Bounds of the embedded engine. */
export interface SqliteLimits extends FrontLimits {
  /** Patience with another process's write lock; below deadlineMs, so that it ends as `store_busy`, not as unknown. */
  busyTimeoutMs: number;
  /** From spawning the worker to an open database; a migration that is needed has no bound, since giving it up would repeat it. */
  openDeadlineMs: number;
  /** From the last unit to a closed database; then the worker is ended. Committed work is safe either way. */
  closeDeadlineMs: number;
  /** Growth beyond it is refused with `store_unavailable`; what is stored stays readable. */
  maxFileBytes: number;
}

export const sqliteLimits: SqliteLimits = {
  deadlineMs: 5_000,
  maxQueuedUnits: 4_096,
  maxBatchUnits: 256,
  busyTimeoutMs: 2_000,
  openDeadlineMs: 15_000,
  closeDeadlineMs: 5_000,
  maxFileBytes: 256 * 1024 ** 3,
};

/** Rows of one page of a list, and of one lease. */
export const maxPageRows = 200;

/** @throws RangeError for a limit outside 1..maxPageRows */
export function boundedLimit(limit: number): number {
  if (!Number.isInteger(limit) || limit < 1 || limit > maxPageRows) {
    throw new RangeError(`limit must be a whole number from 1 to ${maxPageRows}`);
  }
  return limit;
}

/** Rows of each table that one slice of prune() deletes, and slices of one prune(). */
export const maxPruneSliceRows = 50;
export const maxPruneSlices = 2_000;
/** After a slice the store is left to others for so many times what it took: calls wait for it no longer than for each other. */
export const pruneRests = 2;
