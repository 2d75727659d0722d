/**
 * Values of a schema, as far as our contract uses JSON Schema: fast-check arbitraries that keep to lengths, bounds, enums and
 * required fields. A string with a pattern comes from the schema's own examples and from mutations of them that still match.
 */
import fc from "fast-check";
import type { Schema } from "../../../specs/generate/document.ts";
import { follow } from "./schema.fixture.ts";

const dayMs = 86_400_000;
const maxItems = 3;
const maxFreeChars = 40;
/** RFC 1035 2.3.4. */
const maxLabelChars = 63;

/** Letters, digits, signs, and what is not Latin: each may stand in for a sign of its own kind. */
const kinds: readonly string[] = [
  "0123456789",
  "abcdefghijklmnopqrstuvwxyz",
  "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
  "张三李四王五赵六",
];

/** Values that the schema takes. `hint` is one that is known to be taken: an example from higher up. */
export function valid(schema: Schema, hint?: unknown): fc.Arbitrary<unknown> {
  const own = follow(schema);
  if (own.oneOf !== undefined) return validBranch(own, hint);
  if (own.enum !== undefined) return fc.constantFrom(...own.enum);
  const example = hint ?? (own["examples"] as unknown[] | undefined)?.[0];
  switch (own.type) {
    case "object":
      return validObject(own, example);
    case "array":
      return validArray(own, example);
    case "integer":
      return validInteger(own);
    case "boolean":
      return fc.boolean();
    default:
      return validString(own, example);
  }
}

function validBranch({ oneOf = [], discriminator }: Schema, hint: unknown): fc.Arbitrary<unknown> {
  const { propertyName } = discriminator as { propertyName: string };
  const tagOf = (value: unknown): unknown => (value as Record<string, unknown> | undefined)?.[propertyName];
  const branches = oneOf.map((branch) => {
    const tags = follow(branch).properties?.[propertyName]?.enum ?? [];
    return valid(branch, tags.includes(tagOf(hint) as string) ? hint : undefined);
  });
  return fc.oneof(...branches);
}

function validObject(schema: Schema, example: unknown): fc.Arbitrary<unknown> {
  const { properties = {}, required = [] } = schema;
  const known = (example ?? {}) as Record<string, unknown>;
  const members = Object.entries(properties).map(([name, each]) => [name, valid(each, known[name])] as const);
  return fc.record(Object.fromEntries(members), { requiredKeys: required });
}

function validArray(schema: Schema, example: unknown): fc.Arbitrary<unknown> {
  const [hint] = Array.isArray(example) ? (example as unknown[]) : [];
  const item = valid(schema.items ?? {}, hint);
  const minLength = Number(schema["minItems"] ?? 0);
  const maxLength = Math.max(minLength, Math.min(Number(schema["maxItems"] ?? maxItems), maxItems));
  return schema["uniqueItems"] === true
    ? fc.uniqueArray(item, { minLength, maxLength, selector: (value) => JSON.stringify(value) })
    : fc.array(item, { minLength, maxLength });
}

function validInteger(schema: Schema): fc.Arbitrary<number> {
  const [min, max] = [Number(schema["minimum"]), Number(schema["maximum"])];
  return fc.oneof(fc.constantFrom(min, max), fc.integer({ min, max }));
}

/** Formats have a meaning that a pattern has not: a date is near today. */
function validString(schema: Schema, example: unknown): fc.Arbitrary<string> {
  const { format } = schema;
  if (format === "date-time" || format === "date") {
    const long = format === "date-time" ? 20 : 10;
    const at = (days: number): string => new Date(Date.now() + days * dayMs).toISOString().replace(/\.\d+Z$/, "Z");
    return fc.oneof(
      fc.constant(String(example ?? at(1).slice(0, long))),
      fc.integer({ min: -400, max: 400 }).map((days) => at(days).slice(0, long)),
    );
  }
  const seeds = [
    ...(typeof example === "string" ? [example] : []),
    ...((schema["examples"] as string[] | undefined) ?? []),
  ];
  const near = seeds.map((seed) => fc.oneof(fc.constant(seed), mutated(schema, seed)));
  // What a format means no pattern says.
  return format === undefined || near.length === 0 ? fc.oneof(...near, matching(schema)) : fc.oneof(...near);
}

/** Anything that the pattern lets through. */
function matching(schema: Schema): fc.Arbitrary<string> {
  const {
    pattern,
    minLength = 0,
    maxLength = maxFreeChars,
  } = schema as { pattern?: string; minLength?: number; maxLength?: number };
  const any =
    pattern === undefined
      ? fc.string({ minLength, maxLength: Math.min(maxLength, maxFreeChars) })
      : fc.stringMatching(new RegExp(pattern, "u"));
  return any.filter((text) => text.isWellFormed() && takes(schema, text));
}

/** Signs replaced by others of their kind, repeated or left out; the seed itself where no such change is taken. */
function mutated(schema: Schema, seed: string): fc.Arbitrary<string> {
  const steps = fc.array(fc.tuple(fc.nat(), fc.nat(), fc.constantFrom("swap", "double", "drop", "fill")), {
    minLength: 1,
    maxLength: 4,
  });
  return steps.map((list) => list.reduce((text, [where, what, how]) => step(schema, text, where, what, how), seed));
}

function step(schema: Schema, text: string, where: number, what: number, how: string): string {
  const signs = [...text];
  const at = where % Math.max(1, signs.length);
  const sign = signs[at] ?? "a";
  const kind = kinds.find((each) => each.includes(sign)) ?? sign;
  const other = [...kind][what % [...kind].length] ?? sign;
  const room = Number(schema["maxLength"] ?? signs.length) - signs.length;
  const changes: Record<string, string[]> = {
    swap: signs.with(at, other),
    double: signs.toSpliced(at, 0, other),
    drop: signs.toSpliced(at, 1),
    fill: signs.toSpliced(at, 0, other.repeat(Math.max(0, room))),
  };
  const changed = (signs.length === 0 ? signs : (changes[how] ?? signs)).join("");
  return takes(schema, changed) ? changed : text;
}

/** Whether a string is within the schema's length and pattern, and an address where it has to be one. */
function takes(schema: Schema, text: string): boolean {
  const length = [...text].length;
  const { pattern } = schema;
  return (
    length >= Number(schema["minLength"] ?? 0) &&
    length <= Number(schema["maxLength"] ?? Infinity) &&
    (schema.format !== "email" || text.split(/[@.]/).every((label) => label.length <= maxLabelChars)) &&
    (schema.format !== "uri" || URL.canParse(text)) &&
    (typeof pattern !== "string" || new RegExp(pattern, "u").test(text))
  );
}
