/** What each harness hands back: the figures of its run, and every promise that it saw broken. */

export type HarnessName = "nth" | "simulation" | "blackbox";

/** The invariants of the design; `liveness` = something never came to its end, `harness` = the harness itself failed. */
export type InvariantName =
  | "I-1"
  | "I-2"
  | "I-3"
  | "I-4"
  | "I-5"
  | "I-6"
  | "I-7"
  | "I-8"
  | "I-9"
  | "I-10"
  | "liveness"
  | "harness";

/** One promise that was seen broken. */
export interface Violation {
  invariant: InvariantName;
  what: string;
  /** How to see it again: `--seed 123`, `--only nth --at 17 --kind hangs`, `round 42`. */
  replay: string;
}

/** The figures of one run of one harness. */
export interface HarnessReport {
  harness: HarnessName;
  /** Runs from a fresh or restarted gateway: faults placed by the loop, seeds, kills of the black box. */
  rounds: number;
  /** Calls of partners, in all rounds. */
  steps: number;
  /** Faults that really fired, by kind. */
  faults: Record<string, number>;
  /** Effects at the vendor beyond the first of one partner and key (I-1). */
  duplicates: number;
  /** Accepted work that is not there, and final states that nobody was told of (I-2, I-3, I-6, I-9). */
  losses: number;
  /** What was not final after the faults had stopped and time had passed (I-4, liveness). */
  unresolved: number;
  violations: Violation[];
  seeds: number[];
  durationMs: number;
}

export interface HarnessOptions {
  /** The harness ends at about this time, finishing the round that it is in. */
  budgetMs: number;
  /** Called now and then with one line about how far it is. */
  progress(line: string): void;
  /** Where its random choices start; each seed can be replayed. */
  seed: number;
}

/** Duplicates, losses and unresolved as the table counts them, from the violations. */
export function counted(violations: readonly Violation[]): Pick<HarnessReport, "duplicates" | "losses" | "unresolved"> {
  const count = (...names: InvariantName[]) => violations.filter(({ invariant }) => names.includes(invariant)).length;
  return {
    duplicates: count("I-1"),
    losses: count("I-2", "I-3", "I-6", "I-9"),
    unresolved: count("I-4", "liveness"),
  };
}
