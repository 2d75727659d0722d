/** Renders the table of problems. */
import { constant, union } from "./source.ts";

interface CatalogueRow {
  status: number;
  title: string;
  detail: string;
  retry: string;
  origin: string;
  outside?: boolean;
}

export type Catalogue = Record<string, CatalogueRow>;

/** The stable URI of a problem. */
function problemType(code: string): string {
  return `urn:qiao:problem:${code}`;
}

/** Source of `generated/problems.ts`. */
export function renderProblems(catalogue: Catalogue): string {
  const table = Object.fromEntries(
    Object.entries(catalogue).map(([code, { status, title, detail, retry, origin }]) => [
      code,
      { type: problemType(code), status, title, detail, retry, origin },
    ]),
  );
  return [
    'import type { ProblemSpec } from "../contract.ts";',
    union("ProblemCode", "The stable code of a problem.", Object.keys(table)),
    constant("problems", "The catalogue of problems.", "Readonly<Record<ProblemCode, ProblemSpec>>", table),
  ].join("\n\n");
}
