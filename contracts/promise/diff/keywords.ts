/** What a change of one schema keyword means, by direction. */
import { same, textsOf } from "./types.ts";
import type { Direction, Json, Level, Node, Walk } from "./types.ts";

/** Keywords that speak to people. */
const words = new Set([
  "title",
  "description",
  "example",
  "examples",
  "externalDocs",
  "$comment",
  "x-pii",
  "xml",
  // Of requests and of answers alike `enum`, `properties` and the states say it; these say it again.
  "discriminator",
]);
/** Keywords that `compareSchemas` walks itself. */
const walked = new Set(["$ref", "properties", "required", "items", "oneOf", "anyOf", "allOf", "additionalProperties"]);

const upperBounds = new Set(["maxLength", "maximum", "maxItems", "maxProperties", "exclusiveMaximum"]);
const lowerBounds = new Set(["minLength", "minimum", "minItems", "minProperties", "exclusiveMinimum"]);

/** A narrower schema breaks who sends, a wider one who reads. */
function narrowed(direction: Direction): Level {
  return direction === "in" ? "breaking" : "additive";
}
function widened(direction: Direction): Level {
  return direction === "in" ? "additive" : "breaking";
}

const shown = (value: Json): string => (value === undefined ? "none" : JSON.stringify(value));

/** Notes every changed keyword of a pair of schemas but those that hold further schemas. */
export function compareKeywords(walk: Walk, before: Node, after: Node, where: string): void {
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [old, now] = [before[key], after[key]];
    if (walked.has(key) || same(old, now)) continue;
    const change = `${key} ${shown(old)} → ${shown(now)}`;
    if (words.has(key)) walk.note("docs", where, `${key} changed`);
    else if (key === "enum" || key === "x-known-values") compareValues(walk, key, old, now, after, where);
    else if (key === "x-states") compareStates(walk, nodeOfStates(old), nodeOfStates(now), where);
    else if (key === "deprecated" || key === "x-grows") walk.note(now === true ? "additive" : "docs", where, change);
    else if (upperBounds.has(key)) walk.note(bound(walk.direction, old, now, 1), where, change);
    else if (lowerBounds.has(key)) walk.note(bound(walk.direction, old, now, -1), where, change);
    else if (["pattern", "format", "uniqueItems", "multipleOf", "const"].includes(key)) {
      if (old === undefined || old === false) walk.note(narrowed(walk.direction), where, change);
      else if (now === undefined || now === false) walk.note(widened(walk.direction), where, change);
      else walk.note("breaking", where, change);
    } else walk.note("breaking", where, change);
  }
}

/** `sign` 1 for an upper bound, -1 for a lower one; a bound that is not there bounds nothing. */
function bound(direction: Direction, old: Json, now: Json, sign: 1 | -1): Level {
  const value = (each: Json): number => sign * (typeof each === "number" ? each : sign * Infinity);
  return value(now) < value(old) ? narrowed(direction) : widened(direction);
}

/** A value that goes breaks both sides; one that comes breaks who reads, unless the list is said to grow. */
function compareValues(walk: Walk, key: string, old: Json, now: Json, after: Node, where: string): void {
  const [had, has] = [textsOf(old), textsOf(now)];
  const grows = key === "x-known-values" || after["x-grows"] === true;
  if (key === "enum" && old === undefined) return walk.note(narrowed(walk.direction), where, "enum added");
  if (key === "enum" && now === undefined) return walk.note(widened(walk.direction), where, "enum removed");
  const gone = had.filter((value) => !has.includes(value));
  const come = has.filter((value) => !had.includes(value));
  if (gone.length > 0) walk.note("breaking", where, `${key} lost ${gone.join(", ")}`);
  if (come.length > 0)
    walk.note(grows ? "additive" : widened(walk.direction), where, `${key} gained ${come.join(", ")}`);
  if (gone.length + come.length === 0) walk.note("docs", where, `${key} is in another order`);
}

function nodeOfStates(value: Json): Record<string, string[]> {
  return (value ?? {}) as Record<string, string[]>;
}

/** A step that was not there before surprises who follows the states. The states themselves are the enum of `status`. */
function compareStates(
  walk: Walk,
  before: Record<string, string[]>,
  after: Record<string, string[]>,
  where: string,
): void {
  for (const [state, next] of Object.entries(after)) {
    const had = before[state];
    const come = next.filter((each) => !(had ?? []).includes(each));
    if (had !== undefined && come.length > 0) {
      walk.note("breaking", where, `from ${state} a resource may now become ${come.join(", ")}`);
    }
  }
  for (const [state, next] of Object.entries(before)) {
    const gone = next.filter((each) => !(after[state] ?? []).includes(each));
    if (after[state] !== undefined && gone.length > 0) {
      walk.note("additive", where, `from ${state} a resource no longer becomes ${gone.join(", ")}`);
    }
  }
}
