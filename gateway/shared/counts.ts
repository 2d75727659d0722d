/** What processes may have to count together. */
import type { NonceStore } from "#signature";

/** So many in a window of so many seconds, which begins with the first one. */
export interface Quota {
  points: number;
  windowSeconds: number;
}

/** `partner`: requests of a partner; `refused`: requests from an address whose signature did not verify. */
export type Counted = "partner" | "refused";

export interface Consumed {
  refused: boolean;
  remaining: number;
  /** Until the window ends. */
  resetMs: number;
}

/** Rate limits and replay windows. `claim` is that of `NonceStore`. */
export interface Counts extends NonceStore {
  /** Takes one of the quota of this partner id, or address. */
  consume(counted: Counted, id: string, quota: Quota): Promise<Consumed>;
}

/** Counts that are kept elsewhere, so that others count along. Each method is one round trip, and may reject. */
export interface FarCounts extends Counts {
  /** How it is called in metrics and log lines. */
  readonly name: "redis" | "primary";
  /** What it does not count stays with this process. */
  readonly counts: ReadonlySet<Counted>;
  /** Resolves when it answers. */
  ping(): Promise<unknown>;
  close(): void;
}
