/** Holds an answer against what a partner relies on. */
import type { Expectation, Matcher } from "./format.ts";

/** What of an answer is looked at. */
export interface Seen {
  status: number;
  /** Lower-case names. */
  headers: Readonly<Record<string, string>>;
  body: unknown;
}

/** Everything in which the answer differs; what is to be kept goes to `kept`. */
export function differencesFrom(expected: Expectation["answer"], seen: Seen, kept: Map<string, string>): string[] {
  const statuses = [expected.status].flat();
  const wrong = statuses.includes(seen.status)
    ? []
    : [`status: ${statuses.join(" or ")} expected, ${seen.status} came${said(seen)}`];
  const places = [
    ...Object.entries(expected.headers).map(
      ([name, matcher]) => [`header ${name}`, matcher, seen.headers[name.toLowerCase()]] as const,
    ),
    ...Object.entries(expected.body).map(
      ([pointer, matcher]) => [`body ${pointer || "(all)"}`, matcher, at(seen.body, pointer)] as const,
    ),
  ];
  for (const [place, matcher, value] of places) {
    const why = mismatch(matcher, value);
    if (why !== undefined) wrong.push(`${place}: ${why}`);
    else if (typeof matcher === "object" && matcher.keep !== undefined) kept.set(matcher.keep, text(value));
  }
  return wrong;
}

/** What a problem says of itself. */
function said({ body }: Seen): string {
  const { code, detail, errors } = (body ?? {}) as { code?: unknown; detail?: unknown; errors?: unknown };
  if (typeof code !== "string") return "";
  return `: ${code}: ${String(detail)}${errors === undefined ? "" : ` ${shown(errors)}`}`;
}

/** Why the value is not what was expected; undefined when it is. */
function mismatch(matcher: Matcher, value: unknown): string | undefined {
  if (typeof matcher !== "object") return mismatch({ equals: matcher }, value);
  const { absent, equals, oneOf, type, pattern, minItems } = matcher;
  if (absent === true) return value === undefined ? undefined : `not expected, ${shown(value)} came`;
  if (value === undefined) return "not there";
  if (equals !== undefined && !same(equals, value)) return `${shown(equals)} expected, ${shown(value)} came`;
  if (oneOf !== undefined && !oneOf.some((each) => same(each, value))) {
    return `one of ${oneOf.map(shown).join(", ")} expected, ${shown(value)} came`;
  }
  if (type !== undefined && typeOf(value) !== type) return `${type} expected, ${typeOf(value)} came`;
  if (pattern !== undefined && !new RegExp(pattern, "u").test(text(value)))
    return `/${pattern}/ expected, ${shown(value)} came`;
  if (minItems !== undefined && !(Array.isArray(value) && value.length >= minItems)) {
    return `at least ${minItems} entries expected, ${shown(value)} came`;
  }
  return undefined;
}

function at(body: unknown, pointer: string): unknown {
  const steps = pointer
    .split("/")
    .slice(1)
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
  return steps.reduce<unknown>(
    (node, step) =>
      typeof node === "object" && node !== null && Object.hasOwn(node, step)
        ? (node as Record<string, unknown>)[step]
        : undefined,
    body,
  );
}

function typeOf(value: unknown): string {
  if (Array.isArray(value)) return "array";
  return Number.isInteger(value) ? "integer" : typeof value;
}

function same(one: unknown, other: unknown): boolean {
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((each, index) => same(each, other[index]));
  }
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return one === other;
  const names = Object.keys(one);
  return (
    names.length === Object.keys(other).length &&
    names.every((name) => same((one as Record<string, unknown>)[name], (other as Record<string, unknown>)[name]))
  );
}

const maxShownChars = 200;

function shown(value: unknown): string {
  const all = JSON.stringify(value) ?? "nothing";
  return all.length > maxShownChars ? `${all.slice(0, maxShownChars)}…` : all;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
