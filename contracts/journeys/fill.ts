import type { Body } from "./step.ts";

/** What the story knows so far: values by name, most of them bodies that earlier steps saved. */
export type Known = Record<string, unknown>;

/** Replaces every `{name.member}` in the strings of a value. Throws if the story does not know one of them. */
export function fill<T>(value: T, known: Known): T {
  return filled(value, known) as T;
}

function filled(value: unknown, known: Known): unknown {
  if (typeof value === "string") return value.replaceAll(/\{([\w.-]+)\}/g, (_all, path: string) => look(path, known));
  if (Array.isArray(value)) return value.map((item) => filled(item, known));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, filled(member, known)]));
}

function look(path: string, known: Known): string {
  const found = path
    .split(".")
    .reduce<unknown>((at, name) => (isBody(at) || Array.isArray(at) ? (at as Body)[name] : undefined), known);
  if (typeof found !== "string" && typeof found !== "number") throw new Error(`no earlier step brought {${path}}`);
  return String(found);
}

export function isBody(value: unknown): value is Body {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
