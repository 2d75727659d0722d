import type { ResourceRow } from "./store.ts";

/** A resource whose vendor is to be asked again, leased to the caller. */
export interface DueResource {
  resource: ResourceRow;
  /** How often it was asked without learning the end. */
  asks: number;
  /** The lease's name, to be given back with `asked`; absent when an operator asks without a lease. */
  leaseUntilMs?: number;
}

/** A resource past its bound: an operator's matter. */
export interface StuckResource {
  resource: ResourceRow;
  asks: number;
  lastAskedAtMs: number;
}

/** Something a vendor sent that moved nothing and that a person should see. */
export interface QuarantineRow {
  id: string;
  adapter: string;
  /** `unmatched`, `wrong_amount`, … */
  why: string;
  /** SHA-256 of the raw body, hex: the same callback repeated is one row. */
  digest: string;
  /** Raw request, sealed at rest. */
  request: unknown;
  firstAtMs: number;
  lastAtMs: number;
  times: number;
}

export interface RecoveryStore {
  /**
   * Leases resources whose time to be asked has come (set by `askAtMs` of begin, complete and advance, or by the `touch`
   * of an act whose process died), oldest first. No two callers, in one process or several, get the same one while its
   * lease lasts; one whose lease is over is due again.
   */
  dueResources(input: { nowMs: number; leaseUntilMs: number; limit: number }): Promise<DueResource[]>;
  /**
   * Ends the lease after an ask that did not move it; counts the ask. `askAtMs` undefined: not asked again by itself, and
   * unless `stuck` no longer known to recovery. False, and nothing changed, when the lease is no longer this one: the
   * resource has moved (a move sets its own `askAtMs`), or the lease ran out and another asks. Without `leaseUntilMs` (an
   * operator's ask) any lease is ended; false only when recovery does not know the resource.
   */
  asked(input: {
    id: string;
    leaseUntilMs?: number | undefined;
    nowMs: number;
    askAtMs: number | undefined;
    stuck: boolean;
  }): Promise<boolean>;
  /** An operator's wish: due at once, its count and its being stuck forgotten. False when it is not there. */
  askNow(id: string, nowMs: number): Promise<boolean>;
  /** In the order in which they began to be asked about. */
  stuck(page: { limit: number; afterId?: string }): Promise<StuckResource[]>;

  /** The same digest of the same adapter again counts up `times` and keeps the first request. */
  quarantine(row: Omit<QuarantineRow, "lastAtMs" | "times">): Promise<void>;
  /** In the order in which they first came. */
  quarantined(page: { limit: number; afterId?: string }): Promise<QuarantineRow[]>;
}
