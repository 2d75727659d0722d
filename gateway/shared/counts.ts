/** What processes may have to count together. */

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

/** A signature's nonce, remembered until `expiresAtMs`. */
export interface Nonce {
  keyid: string;
  nonce: string;
  expiresAtMs: number;
}

/** A nonce that was used before takes nothing of the quota: who repeats a partner's requests must not use it up. */
export type Admitted = { fresh: false } | { fresh: true; consumed: Consumed };

/** Rate limits and replay windows. */
export interface Counts {
  /**
   * Takes the nonce and then one of the partner's quota, in one question where counts are far. Rejects with
   * `NonceWindowFull` when the nonce cannot be remembered.
   */
  admit(nonce: Nonce, partner: string, quota: Quota): Promise<Admitted>;
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

/** Both by turns. */
export const admitBy =
  (claim: (nonce: Nonce) => Promise<boolean>, consume: Counts["consume"]): Counts["admit"] =>
  async (nonce, partner, quota) =>
    (await claim(nonce)) ? { fresh: true, consumed: await consume("partner", partner, quota) } : { fresh: false };
