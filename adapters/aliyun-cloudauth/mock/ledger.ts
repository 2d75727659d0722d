import type { Table } from "#mocks";

/** One call, as the vendor's bill sees it. Holds nothing of a person. */
export interface LedgerEntry {
  action: string;
  /** `BizCode/SubCode` of a check, `SubCode` of a face that was shown, else the code of the answer. */
  result: string;
  billed: boolean;
  at: string;
}

/** The vendor's own count of what it charges for: one entry a call, in order. */
export interface Ledger {
  add(id: string, entry: LedgerEntry): void;
  /** What the sandbox shows at `/ledger`. */
  report(): { calls: number; billed: number; entries: ({ id: string } & LedgerEntry)[] };
}

export function openLedger(table: Table<LedgerEntry>): Ledger {
  return {
    add: (id, entry) => table.set(id, entry),
    report() {
      const entries = table.entries().map(([id, entry]) => ({ id, ...entry }));
      return { calls: entries.length, billed: entries.filter(({ billed }) => billed).length, entries };
    },
  };
}
