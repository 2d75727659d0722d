/** One value that a schema allows: its example where it has one, else the plainest that can be made. */
import fc from "fast-check";
import { compileSchema, schemaCompiler } from "#outbound";
import { deref, isNode, listOf } from "./read-spec.ts";
import type { Node } from "./read-spec.ts";

const maxDepth = 12;
const seed = 1;
const formats: Record<string, string> = {
  "date-time": "2026-01-02T03:04:05Z",
  date: "2026-01-02",
  time: "03:04:05Z",
  uuid: "3f1c2d4e-5a6b-4c7d-8e9f-0a1b2c3d4e5f",
  uri: "https://example.com/",
  url: "https://example.com/",
  email: "someone@example.com",
  hostname: "example.com",
  ipv4: "192.0.2.1",
  ipv6: "2001:db8::1",
};

export type Sampler = (schema: unknown, wide: boolean, given?: unknown) => { value: unknown; fits: boolean };

/** `given`: the document's own example, taken if it fits (not every published one does). `wide` fills optional members in, as an answer would; else only what is required, as a request would. */
export function sampler(document: Node): Sampler {
  const compiler = schemaCompiler(document);
  const check = (schema: object, value: unknown): boolean => compileSchema(compiler, schema)(value) === undefined;
  return (schema, wide, given) => {
    if (!isNode(schema)) return { value: given ?? {}, fits: true };
    if (given !== undefined && check(schema, given)) return { value: given, fits: true };
    const tried = (wide ? [true, false] : [false]).map((each) => make(document, schema, each, 0));
    const value = tried.find((each) => check(schema, each));
    return value === undefined ? { value: tried[0], fits: check(schema, tried[0]) } : { value, fits: true };
  };
}

function make(document: Node, value: unknown, wide: boolean, depth: number): unknown {
  const schema = deref(document, value);
  if (schema === undefined || depth > maxDepth) return {};
  const said = [
    schema["const"],
    schema["example"],
    ...listOf(schema["examples"]),
    schema["default"],
    ...listOf(schema["enum"]),
  ];
  const first = said.find((each) => each !== undefined && each !== null);
  if (first !== undefined) return first;
  const all = listOf(schema["allOf"]);
  if (all.length > 0) {
    const own = schema["properties"] === undefined ? [] : [object(document, schema, wide, depth)];
    const parts = [...all.map((part) => make(document, part, wide, depth + 1)), ...own];
    return parts.every(isNode) ? Object.assign({}, ...parts) : parts[0];
  }
  const choice = [...listOf(schema["oneOf"]), ...listOf(schema["anyOf"])].find(
    (each) => deref(document, each)?.["type"] !== "null",
  );
  if (choice !== undefined) {
    const chosen = make(document, choice, wide, depth + 1);
    return schema["properties"] === undefined || !isNode(chosen)
      ? chosen
      : { ...object(document, schema, wide, depth), ...chosen };
  }
  const types = [schema["type"]].flat();
  const type = types.find((each) => each !== "null") ?? (schema["properties"] === undefined ? types[0] : "object");
  switch (type) {
    case "object":
      return object(document, schema, wide, depth);
    case "array": {
      const count = Math.max(Number(schema["minItems"] ?? 0), wide && depth < 4 ? 1 : 0);
      return Array.from({ length: count }, () => make(document, schema["items"], wide, depth + 1));
    }
    case "integer":
    case "number":
      return number(schema);
    case "boolean":
      return true;
    case "null":
      return null;
    case "string":
      return text(schema);
    default:
      return {};
  }
}

function object(document: Node, schema: Node, wide: boolean, depth: number): Node {
  const required = new Set(listOf(schema["required"]));
  const properties = Object.entries((schema["properties"] ?? {}) as Node);
  return Object.fromEntries(
    properties
      .filter(([name]) => required.has(name) || (wide && depth < 4))
      .map(([name, each]) => [name, make(document, each, wide, depth + 1)]),
  );
}

function number(schema: Node): number {
  const { minimum, exclusiveMinimum, maximum, multipleOf } = schema as Record<string, number | undefined>;
  const least = exclusiveMinimum === undefined ? (minimum ?? 1) : exclusiveMinimum + 1;
  const step = multipleOf ?? 0;
  const value = step > 0 ? Math.ceil(least / step) * step : least;
  return maximum !== undefined && value > maximum ? maximum : value;
}

function text(schema: Node): string {
  const {
    pattern,
    format,
    minLength = 0,
    maxLength,
  } = schema as { pattern?: string; format?: string; minLength?: number; maxLength?: number };
  const formatted = formats[format ?? ""];
  if (formatted !== undefined) return formatted;
  if (pattern !== undefined) {
    const fitting = matching(pattern).find(
      (each) => each.length >= minLength && each.length <= (maxLength ?? Infinity),
    );
    if (fitting !== undefined) return fitting;
  }
  const word = "text";
  return word.padEnd(minLength, "x").slice(0, maxLength ?? Math.max(word.length, minLength));
}

function matching(pattern: string): string[] {
  try {
    return fc.sample(fc.stringMatching(new RegExp(pattern, "u"), { size: "small" }), { numRuns: 50, seed });
  } catch {
    return [];
  }
}
