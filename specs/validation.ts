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

function isTagged(node: object): node is Tagged {
  return "oneOf" in node && "discriminator" in node && Object.hasOwn(node.discriminator as object, "mapping");
}
