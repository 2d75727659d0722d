/** Where error codes stand, in the schemas and the examples of answers. */
import { deref, isNode, listOf } from "./read-spec.ts";
import type { Node } from "./read-spec.ts";

const codeName = /^(error_?code|err_?code|code|error|sub_?code|reason)$/i;
const maxDepth = 6;

/** The value of a member that is named like a code, outermost first; an `error` that is an object is looked into. */
export function walkExample(value: unknown, path: string[]): { path: string[]; code: unknown } | undefined {
  if (!isNode(value) || path.length > maxDepth) return undefined;
  const named = Object.entries(value).filter(([, member]) => !isNode(member) && !Array.isArray(member));
  const best = named.filter(([name]) => codeName.test(name)).toSorted(([a], [b]) => rank(a) - rank(b))[0];
  if (best !== undefined) return { path: [...path, best[0]], code: best[1] };
  for (const [name, member] of Object.entries(value)) {
    const inner = walkExample(member, [...path, name]);
    if (inner !== undefined) return inner;
  }
  return undefined;
}

/** Tells each member that is named like a code, with the values that its schema gives. */
export function walkSchema(
  document: Node,
  value: unknown,
  path: string[],
  depth: number,
  tell: (path: string[], codes: unknown[]) => void,
): void {
  const schema = deref(document, value);
  if (schema === undefined || depth > maxDepth) return;
  for (const part of ["allOf", "oneOf", "anyOf"]) {
    for (const each of listOf(schema[part])) walkSchema(document, each, path, depth + 1, tell);
  }
  const properties = Object.entries((schema["properties"] ?? {}) as Node).toSorted(([a], [b]) => rank(a) - rank(b));
  for (const [name, each] of properties) {
    const member = deref(document, each);
    const inner = member?.["properties"] ?? member?.["allOf"];
    if (codeName.test(name) && inner === undefined) {
      const { enum: closed, const: only, example, examples } = member ?? {};
      tell(
        [...path, name],
        [
          ...listOf(closed),
          ...(only === undefined ? [] : [only]),
          ...(example === undefined ? [] : [example]),
          ...listOf(examples),
        ],
      );
    } else if (inner !== undefined) walkSchema(document, each, [...path, name], depth + 1, tell);
  }
}

/** The more a name says that it is the code, the earlier. */
function rank(name: string): number {
  const order = [/^error_?code$/i, /^err_?code$/i, /^sub_?code$/i, /^code$/i, /^error$/i, /^reason$/i];
  const at = order.findIndex((each) => each.test(name));
  return at === -1 ? order.length : at;
}

/** The place that most answers share. */
export function mostCommon(places: readonly string[][]): string[] {
  const counts = new Map<string, number>();
  for (const place of places) counts.set(place.join("\n"), (counts.get(place.join("\n")) ?? 0) + 1);
  const best = [...counts].toSorted((a, b) => b[1] - a[1])[0]?.[0];
  return best === undefined ? [] : best.split("\n");
}

/** The examples of one media type. */
export function examplesOf(document: Node, media: Node): unknown[] {
  const named = Object.values((media["examples"] ?? {}) as Node).map((each) => deref(document, each)?.["value"]);
  const own = deref(document, media["schema"])?.["example"];
  return [media["example"], ...named, own].filter((each) => each !== undefined);
}
