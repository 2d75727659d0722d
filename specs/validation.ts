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
 * A document as far as requests need it: without what is said to people, without answers, without what we send, and without the
 * components that then nobody refers to. The validator walks through all of it once for each operation.
 */
export function forRequests(document: Record<string, unknown>): Record<string, unknown> {
  const { openapi, info, servers, security, paths, components } = document;
  const all = components as Record<string, Record<string, unknown>>;
  const bare = bareOf(paths, true);
  const kept: Record<string, Record<string, unknown>> = { securitySchemes: all["securitySchemes"] ?? {} };
  const open: unknown[] = [bare];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    for (const ref of refsIn(node)) {
      const [, , kind = "", name = ""] = ref.split("/");
      const component = all[kind]?.[name];
      if (component === undefined) throw new Error(`$ref ${ref} leads nowhere`);
      const named = (kept[kind] ??= {});
      if (Object.hasOwn(named, name)) continue;
      open.push((named[name] = bareOf(component, false)));
    }
  }
  return { openapi, info, servers, security, paths: bare, components: kept };
}

/** An OpenAPI operation has at least one answer. */
const someAnswer = { default: { description: "An answer." } };
const forPeople = /^(?:description|summary|title|examples?|tags|externalDocs|x-.*)$/;
/** Members that hold things by their names, which are words of their own. */
const namesThings = /^(?:properties|patternProperties|content)$/;

const isValue = /^(?:default|const|enum)$/;

/** Without annotations and answers, which no request is judged by. */
function bareOf(node: unknown, areNames: boolean): unknown {
  if (Array.isArray(node)) return node.map((each) => bareOf(each, false));
  if (typeof node !== "object" || node === null) return node;
  const members = Object.entries(node).filter(([key]) => areNames || !forPeople.test(key));
  return Object.fromEntries(
    members.map(([key, value]) => {
      if (!areNames && key === "responses") return [key, someAnswer];
      if (!areNames && isValue.test(key)) return [key, value];
      return [key, bareOf(value, !areNames && namesThings.test(key))];
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
