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
  connectionsCheckEveryMs: 1_000,
  /** How long the rest of a broken request is still taken in, so that the answer to it is not lost. */
  lingerMs: 1_000,
  maxConnections: 10_000,
  maxRequestIdChars: 64,
  /** Requests whose signature did not verify, per source address. */
  maxRefusedPerMinute: 600,
  rateWindowSeconds: 10,
} as const;

/** The bounds of a server's connections. */
export type ServerLimits = Record<
  | "maxHeaderBytes"
  | "headersTimeoutMs"
  | "requestTimeoutMs"
  | "idleTimeoutMs"
  | "connectionsCheckEveryMs"
  | "lingerMs"
  | "maxConnections",
  number
>;
