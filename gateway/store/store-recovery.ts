import type { ResourceRow } from "./store.ts";

/** A resource whose vendor is to be asked again, leased to the caller. */
export interface DueResource {
  resource: ResourceRow;
  /** How often it was asked without learning the end. */
  asks: number;
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
   * Leases resources whose time to be asked has come (set by `askAtMs` of begin, complete and advance), oldest first. No two
   * callers, in one process or several, get the same one while its lease lasts.
   */
  dueResources(input: { nowMs: number; leaseUntilMs: number; limit: number }): Promise<DueResource[]>;
  /** Ends the lease after an ask that did not move it (a move sets its own `askAtMs`); counts the ask. */
  asked(input: { id: string; nowMs: number; askAtMs: number | undefined; stuck: boolean }): Promise<void>;
  stuck(page: { limit: number; afterId?: string }): Promise<StuckResource[]>;

  quarantine(row: Omit<QuarantineRow, "lastAtMs" | "times">): Promise<void>;
  quarantined(page: { limit: number; afterId?: string }): Promise<QuarantineRow[]>;
}
