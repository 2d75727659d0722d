import { errorRow } from "#capability";
import type { ErrorRow } from "#capability";
import { finding } from "../findings.ts";
import type { Finding, Law, Subject } from "../types.ts";
import { vendorDoc } from "../vendor-doc.ts";
import { refusals, unheard } from "./refusals.ts";

/** Every code of the vendor's means something to the partner, and nothing of the vendor's kitchen reaches them. */
export const errors: Law = {
  name: "errors",
  promise: "every vendor code has a meaning, and the partner gets it with the vendor's own code",
  checks: (subject) => [
    { name: "every documented code has a row", prove: () => Promise.resolve(missingRows(subject)) },
    {
      name: "every row is documented, or notes why it stands",
      prove: () => Promise.resolve(undocumentedRows(subject)),
    },
    { name: "a code that nobody documented has no row", prove: () => Promise.resolve(catchAlls(subject)) },
    { name: "no row hides behind an earlier one", prove: () => Promise.resolve(deadRows(subject)) },
    {
      name: "each code, and one that nobody documented, reaches the partner as its row says",
      prove: (bench) => refusals(bench),
    },
  ],
};

function missingRows(subject: Subject): Finding[] {
  const { operations, codes } = vendorDoc(subject);
  const table = subject.adapter.errors;
  const missing = new Map<string, string>();
  for (const { id, codes: own } of operations.values()) {
    for (const code of [...codes, ...own]) {
      if (errorRow(table, code, id) === undefined) missing.set(code, id);
    }
  }
  return [...missing].map(([code, id]) =>
    finding(subject, "errors.ts", `a row for ${code}, which vendor.openapi.yaml documents (${id})`, "there is none"),
  );
}

function undocumentedRows(subject: Subject): Finding[] {
  const { operations, codes } = vendorDoc(subject);
  const documented = [...codes, ...[...operations.values()].flatMap((operation) => operation.codes)];
  return subject.adapter.errors
    .filter((row) => row.note === undefined && !documented.some((code) => matches(row.code, code)))
    .map(({ code }) => {
      const expected = `${code} under x-error-codes of vendor.openapi.yaml, or a note in its row`;
      return finding(subject, "errors.ts", expected, "neither");
    });
}

/** A row that takes any code would call a fault that nobody knows a no, or a yes. */
function catchAlls(subject: Subject): Finding[] {
  const found = [...vendorDoc(subject).operations.keys()]
    .map((id) => errorRow(subject.adapter.errors, unheard, id))
    .filter((row) => row !== undefined);
  return [...new Set(found)].map(({ code }) =>
    finding(
      subject,
      "errors.ts",
      "vendor_fault, outcome unknown, for a code that nobody documented",
      `the row ${code} takes it`,
    ),
  );
}

function deadRows(subject: Subject): Finding[] {
  const table = subject.adapter.errors;
  return table.flatMap((row, index) => {
    const first = table.findIndex((each) => isBefore(each, row));
    if (first === -1 || first >= index) return [];
    const happened = `${table[first]?.code ?? ""} in row ${first + 1} is taken first`;
    return [finding(subject, "errors.ts", `row ${index + 1} (${row.code}) to be reachable`, happened)];
  });
}

/** Whether `earlier` matches whatever `row` matches. */
function isBefore(earlier: ErrorRow, row: ErrorRow): boolean {
  return (earlier.operation === undefined || earlier.operation === row.operation) && matches(earlier.code, row.code);
}

function matches(pattern: string, code: string): boolean {
  return pattern.endsWith("*") ? code.startsWith(pattern.slice(0, -1)) : pattern === code;
}
