/** Where personal data stands in the contract's requests, and values by JSON pointer. */

type Node = Record<string, unknown>;

export interface PersonalPointer {
  pointer: string;
  /** `x-pii`. */
  pii: string;
}

const known = new Map<string, PersonalPointer[]>();

/** The personal members of an operation's request body, whichever form of it they belong to. */
export function pointersOf(bundle: Node, operationId: string): PersonalPointer[] {
  const before = known.get(operationId);
  if (before !== undefined) return before;
  const schema = requestSchema(bundle, operationId);
  const found = schema === undefined ? [] : walk(bundle, schema, "");
  known.set(operationId, found);
  return found;
}

/** Schema names that an operation's request body is made of, e.g. `PositiveMoney`. */
export function schemasIn(bundle: Node, operationId: string): Set<string> {
  const names = new Set<string>();
  const visit = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    const ref = (value as Node)["$ref"];
    const name = typeof ref === "string" ? ref.split("/").at(-1) : undefined;
    if (typeof ref === "string" && name !== undefined && !names.has(name)) {
      names.add(name);
      visit(target(bundle, ref));
    }
    Object.values(value).forEach(visit);
  };
  visit(requestSchema(bundle, operationId));
  return names;
}

function requestSchema(bundle: Node, operationId: string): Node | undefined {
  const items = Object.values(bundle["paths"] as Record<string, Record<string, Node>>);
  const operation = items.flatMap((item) => Object.values(item)).find((each) => each["operationId"] === operationId);
  const content = (operation?.["requestBody"] as { content?: Record<string, { schema?: Node }> } | undefined)?.content;
  return content?.["application/json"]?.schema;
}

function walk(bundle: Node, schema: Node, at: string): PersonalPointer[] {
  const { "x-pii": pii, $ref: ref } = schema;
  const own = typeof pii === "string" && pii !== "none" ? [{ pointer: at, pii }] : [];
  if (typeof ref === "string") return [...own, ...walk(bundle, target(bundle, ref), at)];
  const branches = ["oneOf", "anyOf", "allOf"].flatMap((name) => (schema[name] as Node[] | undefined) ?? []);
  const members = Object.entries((schema["properties"] as Record<string, Node> | undefined) ?? {});
  return [
    ...own,
    ...branches.flatMap((branch) => walk(bundle, branch, at)),
    ...members.flatMap(([name, member]) => walk(bundle, member, `${at}/${name}`)),
  ];
}

function target(bundle: Node, ref: string): Node {
  return ref
    .slice(2)
    .split("/")
    .reduce<Node>((node, token) => node[token] as Node, bundle);
}

/** The text at a pointer, or undefined. */
export function textAt(value: unknown, pointer: string): string | undefined {
  let at: unknown = value;
  for (const token of pointer.split("/").slice(1)) {
    at = typeof at === "object" && at !== null ? (at as Node)[token] : undefined;
  }
  return typeof at === "string" ? at : undefined;
}

/** A copy with another text at a pointer. */
export function replacedAt(value: unknown, pointer: string, text: string): unknown {
  const [token, ...rest] = pointer.split("/").slice(1);
  if (token === undefined) return text;
  const node = value as Node;
  return { ...node, [token]: replacedAt(node[token], rest.length === 0 ? "" : `/${rest.join("/")}`, text) };
}
