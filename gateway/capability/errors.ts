import type { ProblemCode } from "#specs";

/** One line of an adapter's error table: a code of the vendor's, and what it means to us. */
export interface ErrorRow {
  /** The vendor's own code; a trailing `*` matches any ending. */
  code: string;
  /** Only for this vendor operation (an operationId of `vendor.openapi.yaml`). */
  operation?: string;
  /** Our code, from the problem catalogue. */
  problem: ProblemCode;
  /** What is known of the effect when the vendor says this. */
  outcome: "rejected" | "not_sent" | "unknown";
  /** Who documents it, or why it is mapped so. */
  note?: string;
}

/** Rows are tried in order, so the most specific stands first. A code without a row becomes `vendor_fault`, outcome `unknown`. */
export type ErrorTable = readonly ErrorRow[];

/** The first row that matches, or undefined. */
export function errorRow(table: ErrorTable, code: string, operation: string): ErrorRow | undefined {
  return table.find(
    (row) =>
      (row.operation === undefined || row.operation === operation) &&
      (row.code.endsWith("*") ? code.startsWith(row.code.slice(0, -1)) : row.code === code),
  );
}
