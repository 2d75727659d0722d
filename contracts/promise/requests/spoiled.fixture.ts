/** Every single way in which a good value can be made wrong that our contract's keywords name. */
import type { Schema } from "../../../specs/generate/document.ts";
import { follow } from "./schema.fixture.ts";

export interface Spoiled {
  /** JSON pointer and what was done there. */
  what: string;
  value: unknown;
}

/** Values that differ from a good one in one place, where they break the schema. */
export function spoiled(schema: Schema, good: unknown, pointer = ""): Spoiled[] {
  const own = branchOf(follow(schema), good);
  const wrong = wrongHere(own, good).map(([what, value]) => ({ what: `${pointer || "/"}: ${what}`, value }));
  const deeper = membersOf(own, good).flatMap(([name, inner, value]) =>
    spoiled(inner, value, `${pointer}/${name}`).map((each) => ({ ...each, value: withMember(good, name, each.value) })),
  );
  return [...wrong, ...deeper];
}

function branchOf(schema: Schema, value: unknown): Schema {
  if (schema.oneOf === undefined) return schema;
  const { propertyName } = schema.discriminator as { propertyName: string };
  const tag = (value as Record<string, unknown>)[propertyName];
  const branch = schema.oneOf
    .map(follow)
    .find(({ properties }) => properties?.[propertyName]?.enum?.includes(tag as string));
  if (branch === undefined) throw new Error(`no branch for ${String(tag)}`);
  return branch;
}

function membersOf(schema: Schema, value: unknown): [name: string, inner: Schema, value: unknown][] {
  if (Array.isArray(value)) {
    const list = value as unknown[];
    return list.length === 0 || schema.items === undefined ? [] : [["0", schema.items, list[0]]];
  }
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, each]): [string, Schema, unknown][] => {
    const inner = schema.properties?.[name];
    return inner === undefined ? [] : [[name, inner, each]];
  });
}

function withMember(whole: unknown, name: string, value: unknown): unknown {
  if (Array.isArray(whole)) return (whole as unknown[]).with(Number(name), value);
  return { ...(whole as object), [name]: value };
}

type Wrong = [what: string, value: unknown];

function wrongHere(schema: Schema, good: unknown): Wrong[] {
  const types: Wrong[] = [
    ["null", null],
    ["another type", typeof good === "object" ? "text" : { of: "another type" }],
    ["a list of it", [good]],
  ];
  const kept = schema.type === "array" ? types.slice(0, 2) : types;
  if (schema.type === "object") return [...kept, ...wrongObject(schema, good as Record<string, unknown>)];
  if (schema.type === "array") return [...kept, ...wrongArray(schema, good as unknown[])];
  if (schema.type === "integer") return [...kept, ...wrongInteger(schema)];
  if (schema.type === "string") return [...kept, ...wrongString(schema, String(good))];
  return [...kept, ["text", "true"]];
}

function wrongObject({ required = [], additionalProperties }: Schema, good: Record<string, unknown>): Wrong[] {
  const missing = required.map((name): Wrong => {
    const { [name]: _gone, ...rest } = good;
    return [`without ${name}`, rest];
  });
  const extra: Wrong[] = ["nobodyKnows", "constructor", "__proto__"].map((name) => [
    `with ${name}`,
    Object.defineProperty({ ...good }, name, { value: 1, enumerable: true, configurable: true, writable: true }),
  ]);
  return [...missing, ...(additionalProperties === false ? extra : [])];
}

function wrongArray(schema: Schema, good: unknown[]): Wrong[] {
  const [first] = good;
  const max = Number(schema["maxItems"] ?? Infinity);
  return [
    ...(Number(schema["minItems"] ?? 0) > 0 ? [["empty", []] as Wrong] : []),
    ...(schema["uniqueItems"] === true && first !== undefined ? [["one twice", [first, first]] as Wrong] : []),
    ...(max < 200 && first !== undefined
      ? [["one too many", Array.from({ length: max + 1 }, () => first)] as Wrong]
      : []),
  ];
}

function wrongInteger(schema: Schema): Wrong[] {
  return [
    ["below the minimum", Number(schema["minimum"]) - 1],
    ["above the maximum", Number(schema["maximum"]) + 1],
    ["a fraction", Number(schema["minimum"]) + 0.5],
    ["digits as text", String(schema["minimum"])],
    ["far too large", 1e300],
  ];
}

function wrongString(schema: Schema, good: string): Wrong[] {
  const [min, max] = [Number(schema["minLength"] ?? 0), Number(schema["maxLength"] ?? Infinity)];
  const fill = [...good].at(-1) ?? "a";
  const candidates: Wrong[] = [
    ...(min > 0 ? [["empty", ""] as Wrong] : []),
    ...(max < 100_000 ? [["too long", good + fill.repeat(Math.max(1, max + 1 - [...good].length))] as Wrong] : []),
    ["with a control character", `${good}\u0000`],
    ["with a line feed at the end", `${good}\n`],
    ["a number", 1],
  ];
  if (schema.enum !== undefined)
    candidates.push(["another value", "nobodyKnows"], ["in other letters", good.toUpperCase()]);
  if (schema.pattern !== undefined) candidates.push(["with white space", ` ${good}`]);
  if (schema.format === "date-time")
    candidates.push(["no such day", "2026-02-30T00:00:00Z"], ["no zone", good.replace(/Z$/, "")]);
  if (schema.format === "date") candidates.push(["no such day", "2026-02-30"]);
  return candidates;
}
