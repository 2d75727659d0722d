/** Every bound of the way in. Names end in their unit. */
export const inboundLimits = {
  maxBodyBytes: 256 * 1024,
  maxHeaderBytes: 16 * 1024,
  maxHeaderCount: 64,
  /** Nesting of a request's JSON. */
  maxDepth: 16,
  /** From the connection's first byte to the end of the headers, and to the end of the body. */
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 15_000,
  /** A connection without a request in progress. */
  idleTimeoutMs: 65_000,
  maxConnections: 10_000,
  maxRequestIdChars: 64,
  /** How long an idempotency key and its answer are kept. */
  claimLifetimeMs: 48 * 3_600_000,
  /** Added to an operation's deadline: after that, a claim in progress counts as abandoned. */
  leaseMarginMs: 5_000,
  /** Requests whose signature did not verify, per source address. */
  maxRefusedPerMinute: 600,
  rateWindowSeconds: 10,
} as const;
