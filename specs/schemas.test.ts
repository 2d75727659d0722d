import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { checkSchemas, readBundle } from "#specs";

const answer = (schema: unknown, schemas: Record<string, unknown> = {}) => ({
  paths: { "/a": { get: { responses: { default: { content: { "application/json": { schema } } } } } } },
  components: { schemas },
});
const at = "#/paths/~1a/get/responses/default/content/application~1json/schema";
const object = (properties: unknown) => ({ type: "object", properties });

/** What Ajv makes of the same schema: the check must not pass what cannot be compiled. */
function compiles({ paths, components }: ReturnType<typeof answer>): boolean {
  const { schema } = paths["/a"].get.responses.default.content["application/json"];
  try {
    new Ajv2020({ strict: false, logger: false }).compile({ allOf: [schema], components });
    return true;
  } catch {
    return false;
  }
}

describe("checkSchemas", () => {
  it.each([
    ["a type that is none", answer(object({ x: { type: "strng" } })), `${at}/properties/x/type must be equal`],
    ["a bound that is none", answer({ type: "string", maxLength: -1 }), `${at}/maxLength must be >= 0`],
    ["a pattern that is none", answer(object({ x: { pattern: "(^a$" } })), "the pattern (^a$ is no regular expression"],
    ["a pattern of names that is none", answer({ patternProperties: { "[": {} } }), "the pattern [ is no"],
    ["a schema that is none", answer("string"), `${at} must be object,boolean`],
    ["a $ref to nothing", answer({ items: { $ref: "#/components/schemas/X" } }), "$ref #/components/schemas/X leads"],
    ["a $ref outside", answer({ $ref: "other.json#/X" }), "$ref other.json#/X leads nowhere"],
    [
      "a $ref in a property that is named like a keyword",
      answer(object({ example: { $ref: "#/components/schemas/X" } })),
      "$ref #/components/schemas/X leads nowhere",
    ],
    [
      "a fault behind a $ref",
      answer({ $ref: "#/components/schemas/X" }, { X: { required: "all" } }),
      "#/components/schemas/X/required must be array",
    ],
  ])("finds %s, which Ajv cannot compile either", (_what, document, words) => {
    expect(() => checkSchemas(document)).toThrow(words);
    expect(compiles(document)).toBe(false);
  });

  it.each([
    [
      "a schema that refers to itself",
      answer({ $ref: "#/components/schemas/X" }, { X: object({ x: { $ref: "#/components/schemas/X" } }) }),
    ],
    [
      "values that look like keywords",
      answer({ const: { $ref: "nowhere" }, examples: [{ $ref: "nowhere" }], default: { pattern: "(" } }),
    ],
    ["true", answer(true)],
  ])("takes %s, as Ajv does", (_what, document) => {
    expect(() => checkSchemas(document)).not.toThrow();
    expect(compiles(document)).toBe(true);
  });

  it("takes the contract, and finds a fault in a webhook, a parameter and a header", () => {
    const bundle = readBundle();
    expect(() => checkSchemas(bundle)).not.toThrow();
    const header = { headers: { "X-A": { schema: { type: "x" } } } };
    expect(() => checkSchemas({ webhooks: { a: { post: { parameters: [{ schema: { type: "x" } }] } } } })).toThrow(
      "#/webhooks/a/post/parameters/0/schema/type",
    );
    expect(() => checkSchemas({ paths: { "/a": { get: { responses: { 200: header } } } } })).toThrow("X-A/schema/type");
  });
});
