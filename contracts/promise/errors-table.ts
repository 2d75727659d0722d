/** Every vendor code and what it becomes: the adapters' tables joined with the catalogue and with the vendors' documents. */
import { errorRow } from "#capability";
import type { ErrorRow } from "#capability";
import { problems } from "#specs";
import type { ProblemCode } from "#specs";
import type { AdapterFolder } from "./adapters.ts";

export interface ExplainedCode {
  adapter: string;
  /** The vendor's code; a row's own pattern (`isp.*`) where the document names no code that it matches. */
  vendorCode: string;
  /** The vendor operations that answer it; empty = any of them. */
  operations: string[];
  /** The vendor's own words for it. */
  meaning?: string;
  code: ProblemCode;
  status: number;
  outcome: ErrorRow["outcome"];
  retry: "never" | "later" | "after";
  origin: "partner" | "gateway" | "vendor";
  /** What the partner should do. */
  advice: string;
  note?: string;
}

/** A code that the vendor documents, for one of its operations. */
export interface DocumentedCode {
  code: string;
  operation: string;
  meaning: string;
}

/** Every pair of operation and code that the vendor's document names. */
export function documentedCodes({ document }: Pick<AdapterFolder, "document">): DocumentedCode[] {
  const operations = Object.values(document.paths).flatMap((item) =>
    Object.values(item).filter((each) => typeof each === "object" && each.operationId !== undefined),
  );
  return operations.flatMap(({ operationId = "", "x-error-codes": own }) =>
    Object.entries({ ...document["x-error-codes"], ...own }).map(([code, meaning]) => ({
      code,
      operation: operationId,
      meaning,
    })),
  );
}

/** The table of one adapter: its documented codes in the order of the document, then rows that stand for more. */
export function explainedCodes(folder: AdapterFolder): ExplainedCode[] {
  const { manifest } = folder;
  const found = new Map<string, ExplainedCode>();
  const used = new Set<ErrorRow>();
  const everywhere = new Set(Object.keys(folder.document["x-error-codes"] ?? {}));
  for (const { code, operation, meaning } of documentedCodes(folder)) {
    const row = errorRow(manifest.errors, code, operation);
    if (row === undefined) continue;
    used.add(row);
    const key = JSON.stringify([code, row.problem, row.outcome, row.operation]);
    const known = found.get(key);
    if (known === undefined) {
      const named = row.operation === undefined && everywhere.has(code) ? [] : [operation];
      found.set(key, explained(manifest.name, code, row, named, meaning));
    } else if (known.operations.length > 0) known.operations.push(operation);
  }
  const others = manifest.errors.filter((row) => !used.has(row));
  const rest = others.map((row) =>
    explained(manifest.name, row.code, row, row.operation === undefined ? [] : [row.operation]),
  );
  return [...found.values(), ...rest];
}

function explained(
  adapter: string,
  vendorCode: string,
  { problem, outcome, note }: ErrorRow,
  operations: string[],
  meaning?: string,
): ExplainedCode {
  const { status, retry, origin, detail } = problems[problem];
  return {
    adapter,
    vendorCode,
    operations,
    ...(meaning === undefined ? {} : { meaning }),
    code: problem,
    status,
    outcome,
    retry,
    origin,
    advice: outcome === "unknown" ? problems.outcome_unknown.detail : detail,
    ...(note === undefined ? {} : { note }),
  };
}
