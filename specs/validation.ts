/**
 * The contract in the form in which requests are validated.
 *
 * A discriminated `oneOf` is rewritten into `if`/`else`: JSON Schema does not know OpenAPI's discriminator, Ajv's own refuses
 * `mapping`, and express-openapi-validator's knows it at the top of a body only and loses the error's place. So rewritten, a
 * wrong tag is reported at the tag, and any other fault once, at its place, by the branch that the tag selects.
 */
interface Tagged {
  oneOf: { $ref: string }[];
  discriminator: { propertyName: string; mapping: Record<string, string> };
}

/** A copy of an OpenAPI document, or of any part of one, with every discriminated `oneOf` rewritten. */
export function withConditionals(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withConditionals);
  if (typeof node !== "object" || node === null) return node;
  const copy = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, withConditionals(value)]));
  if (!isTagged(node)) return copy;
  const { oneOf: _branches, discriminator: _tag, ...rest } = copy;
  const { propertyName, mapping } = node.discriminator;
  return {
    ...rest,
    required: [propertyName],
    properties: { [propertyName]: { type: "string", enum: Object.keys(mapping) } },
    allOf: Object.entries(mapping).map(([tag, $ref]) => ({
      if: { properties: { [propertyName]: { not: { const: tag } } } },
      else: { $ref },
    })),
  };
}

/**
 * A document as far as requests need it: without the bodies of answers, without what we send, and without the components that
 * then nobody refers to. The validator works on every one of them at each start.
 */
export function forRequests(document: Record<string, unknown>): Record<string, unknown> {
  const { webhooks: _sent, components, ...rest } = withoutAnswers(document) as Record<string, unknown>;
  const all = components as Record<string, Record<string, unknown>>;
  const used = new Set<string>();
  const open: unknown[] = [rest];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    for (const ref of refsIn(node)) {
      if (used.has(ref)) continue;
      used.add(ref);
      const [, , kind = "", name = ""] = ref.split("/");
      open.push(all[kind]?.[name]);
    }
  }
  const kept = Object.entries(all).map(([kind, entries]) => [
    kind,
    kind === "securitySchemes"
      ? entries
      : Object.fromEntries(Object.entries(entries).filter(([name]) => used.has(`#/components/${kind}/${name}`))),
  ]);
  return { ...rest, components: Object.fromEntries(kept) as unknown };
}

/** Answers keep their status, description and header fields. */
function withoutAnswers(node: unknown, key = ""): unknown {
  if (Array.isArray(node)) return node.map((each) => withoutAnswers(each));
  if (typeof node !== "object" || node === null) return node;
  const members = Object.entries(node).map(([name, value]) => [name, withoutAnswers(value, name)] as const);
  if (key !== "responses") return Object.fromEntries(members);
  return Object.fromEntries(
    members.map(([name, answer]) => {
      const { content: _content, ...rest } = answer as Record<string, unknown>;
      return [name, rest];
    }),
  );
}

function* refsIn(node: unknown): Generator<string> {
  if (typeof node !== "object" || node === null) return;
  for (const [key, value] of Object.entries(node)) {
    if (key === "$ref" && typeof value === "string") yield value;
    else yield* refsIn(value);
  }
}

function isTagged(node: object): node is Tagged {
  return "oneOf" in node && "discriminator" in node && Object.hasOwn(node.discriminator as object, "mapping");
}
