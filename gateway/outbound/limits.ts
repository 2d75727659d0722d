/** Every bound of the way to a vendor. Names end in their unit. */
export const outboundLimits = {
  /** One TCP and TLS connection to a vendor. */
  connectTimeoutMs: 3_000,
  /** Connections per vendor host: more than all its groups together may have in flight, so that none waits for another. */
  maxConnectionsPerHost: 256,
  keepAliveTimeoutMs: 10_000,
  /** A vendor's answer, headers and body; a larger one is cut off and counts as off-spec. */
  maxAnswerHeaderBytes: 32 * 1024,
  maxAnswerBodyBytes: 4 * 1024 * 1024,
  /** Nesting of a vendor's JSON. */
  maxAnswerDepth: 64,
  /** First attempt included. */
  maxAttempts: 3,
  retryBaseDelayMs: 50,
  retryMaxDelayMs: 1_000,
  /** A retry is not started with less of the budget left than this. */
  minAttemptBudgetMs: 50,
  /** Kept back from the deadline for storing and signing the answer. */
  answerReserveMs: 150,
  /** In-flight calls per adapter and operation group (the bulkhead). */
  maxInFlightPerGroup: 50,
  /** Calls that wait for a place in it, and for how long. */
  maxWaitingPerGroup: 200,
  maxBulkheadWaitMs: 250,
  breakerErrorPercentage: 50,
  breakerMinimumCalls: 5,
  breakerWindowMs: 10_000,
  breakerResetMs: 5_000,
  /** Vendors' Retry-After is honoured up to this. */
  maxRetryAfterSeconds: 3_600,
  /** A credential is renewed this long before it ends. */
  credentialRenewalMs: 30_000,
  maxCredentialsPerAdapter: 10_000,
  /** Transcripts kept for diagnosis. */
  maxTranscripts: 1_000,
} as const;

/** The bounds of a breaker and its bulkhead. */
export type IsolationLimits = Record<
  | "maxInFlightPerGroup"
  | "maxWaitingPerGroup"
  | "maxBulkheadWaitMs"
  | "breakerErrorPercentage"
  | "breakerMinimumCalls"
  | "breakerWindowMs"
  | "breakerResetMs",
  number
>;
