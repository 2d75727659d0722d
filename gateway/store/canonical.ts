import { StoreError } from "./errors.ts";

/** What canonicalJson writes: no fractions, no null, no lists; none is needed for evidence. */
export type Canonical = string | number | { [name: string]: Canonical };

/**
 * The canonical JSON of RFC 8785 for strings, whole numbers and objects of them: members in the order of their names'
 * UTF-16 code units, no white space, ECMAScript's own escapes. Cheapest for an object whose members are in that order.
 * @throws StoreError `conflict` for anything else, a number beyond 2^53 - 1, or a lone surrogate.
 */
export function canonicalJson(value: Canonical): string {
  if (isScalar(value)) return JSON.stringify(value);
  const names = Object.keys(value);
  if (isFlatAndInOrder(value, names)) return JSON.stringify(value);
  // Without a comparison of its own, sort() compares UTF-16 code units.
  const members = names.toSorted().map((name) => `${canonicalJson(name)}:${canonicalJson(value[name] as Canonical)}`);
  return `{${members.join(",")}}`;
}

function isFlatAndInOrder(value: Readonly<Record<string, Canonical>>, names: readonly string[]): boolean {
  let before = "";
  for (const name of names) {
    if (name < before || !name.isWellFormed() || !isScalar(value[name] as Canonical)) return false;
    before = name;
  }
  return true;
}

/** True for a string or a whole number, false for an object; throws for anything else. */
function isScalar(value: Canonical): value is string | number {
  if (typeof value === "string" && value.isWellFormed()) return true;
  if (typeof value === "number" && Number.isSafeInteger(value)) return true;
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return false;
  throw new StoreError("conflict", "evidence holds strings and whole numbers only");
}
