/** What a change between two OpenAPI documents means to the one who calls. */
export type Level = "breaking" | "additive" | "docs";

export interface Change {
  level: Level;
  /** `POST /v1/refunds, answer 201` or `Money/amount, in requests`. */
  where: string;
  what: string;
  /** The operations that it touches, by operationId; empty for what touches none. */
  operations: string[];
}

export type Json = unknown;
export type Node = Record<string, Json>;

/** `in`: what the caller sends; `out`: what the caller gets. */
export type Direction = "in" | "out";

/** One comparison under way: two documents, and where findings go. */
export interface Walk {
  before: Node;
  after: Node;
  direction: Direction;
  note(level: Level, where: string, what: string): void;
  /** How often something was noted so far. */
  noted(): number;
  /** Pairs of references, by direction, under which nothing differs: they are met many times. */
  clean: Set<string>;
}

export function isNode(value: Json): value is Node {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function nodeOf(value: Json): Node {
  return isNode(value) ? value : {};
}

export function textsOf(value: Json): string[] {
  return Array.isArray(value) ? value.map((each) => (typeof each === "string" ? each : JSON.stringify(each))) : [];
}

/** Equal as JSON, whatever the order of members. */
export function same(one: Json, other: Json): boolean {
  return stable(one) === stable(other);
}

function stable(value: Json): string {
  return JSON.stringify(value, (_key, each: Json) =>
    isNode(each) ? Object.fromEntries(Object.entries(each).toSorted(([a], [b]) => (a < b ? -1 : 1))) : each,
  );
}

/** What a `$ref` into the same document leads to, with what stands beside it. Throws when it leads nowhere. */
export function resolved(document: Node, value: Json): Node {
  let node = nodeOf(value);
  for (let steps = 0; typeof node["$ref"] === "string"; steps += 1) {
    const { $ref: ref, ...beside } = node;
    if (steps > maxRefSteps) throw new Error(`${ref} goes round in a circle`);
    node = { ...at(document, ref), ...beside };
  }
  return node;
}

const maxRefSteps = 20;

function at(document: Node, ref: string): Node {
  const steps = ref
    .replace(/^#\/?/, "")
    .split("/")
    .map((step) => decodeURIComponent(step).replaceAll("~1", "/").replaceAll("~0", "~"));
  const found = steps.reduce<Json>((node, step) => nodeOf(node)[step], document);
  if (!isNode(found)) throw new Error(`${ref} leads nowhere`);
  return found;
}
