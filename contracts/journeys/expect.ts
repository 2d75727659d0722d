import { isBody } from "./fill.ts";
import type { Expected } from "./step.ts";

/** What does not fit, as `pointer: what`; empty if all fits. Values are shown: the sandbox holds invented people only. */
export function misfits(expected: Expected | undefined, found: unknown, pointer = ""): string[] {
  if (expected === undefined) return [];
  if (expected instanceof RegExp) {
    return typeof found === "string" && expected.test(found) ? [] : [`${pointer}: ${shown(found)} is not ${expected}`];
  }
  if (typeof expected !== "object") {
    return found === expected ? [] : [`${pointer}: ${shown(found)} is not ${shown(expected)}`];
  }
  const members = isBody(found) || Array.isArray(found) ? (found as Record<string, unknown>) : undefined;
  if (members === undefined) return [`${pointer}: ${shown(found)} is no object`];
  return Object.entries(expected).flatMap(([name, value]) => misfits(value, members[name], `${pointer}/${name}`));
}

function shown(value: unknown): string {
  return value === undefined ? "nothing" : JSON.stringify(value);
}
