import type { FrontLimits } from "./limits.ts";

/**
 * Bounds of the PostgreSQL engine; `deadlineMs`, `maxQueuedUnits` and `maxBatchUnits` hold for each lane (pg-lanes.ts).
 * connect + query stays within deadlineMs, so that a silent database ends as a clear failure and not by the deadline.
 */
export interface PostgresLimits extends FrontLimits {
  /** Connections of this store; a batch of each lane can be under way at once. */
  maxConnections: number;
  /** To a connection, from the pool or a new one, logged in. */
  connectTimeoutMs: number;
  /** The server ends a statement that takes longer. */
  statementTimeoutMs: number;
  /** The server's patience with another transaction's row lock; then the units of the batch go one by one. */
  lockTimeoutMs: number;
  /** The same for a unit that goes by itself after that: a locked row delays its neighbours no more than this. */
  aloneLockTimeoutMs: number;
  /** Our patience with a server that says nothing; the connection is dropped then. */
  queryTimeoutMs: number;
  /** From the start of a batch until nothing of it is tried anew, as a whole or one by one. */
  retryWindowMs: number;
  /** Runs of one batch, when a deadlock or a serialization failure undid the ones before. */
  maxRuns: number;
  /** The server ends a transaction whose gateway went silent, and with it that one's locks. */
  idleInTransactionTimeoutMs: number;
  /** A connection that nothing needed for so long is closed. */
  idleConnectionMs: number;
  /** From the last unit to closed connections. Committed work is safe either way. */
  closeDeadlineMs: number;
}

export const postgresLimits: PostgresLimits = {
  deadlineMs: 5_000,
  maxQueuedUnits: 4_096,
  maxBatchUnits: 256,
  maxConnections: 10,
  connectTimeoutMs: 1_500,
  statementTimeoutMs: 2_500,
  lockTimeoutMs: 1_000,
  aloneLockTimeoutMs: 100,
  queryTimeoutMs: 3_000,
  retryWindowMs: 1_500,
  maxRuns: 4,
  idleInTransactionTimeoutMs: 5_000,
  idleConnectionMs: 60_000,
  closeDeadlineMs: 5_000,
};
