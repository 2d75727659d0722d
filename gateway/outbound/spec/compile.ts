import { checkSchemas } from "#specs";
import { Ajv2020 } from "ajv/dist/2020.js";
import type { ValidateFunction } from "ajv/dist/2020.js";
import addFormatsModule from "ajv-formats";
import type { FormatsPlugin } from "ajv-formats";
import type { OpenApiDocument } from "./document.ts";

// ajv-formats is CommonJS: under nodenext its default export is the module object.
const addFormats = addFormatsModule as unknown as FormatsPlugin;

const documentId = "https://qiao.invalid/document";

/**
 * A JSON Schema 2020-12 compiler that knows the document's components, so that local `$ref`s resolve. Throws if a schema that the
 * document uses is none, or a `$ref` leads nowhere: what passes here compiles. `checked`: that was found out before.
 */
export function schemaCompiler(document: OpenApiDocument, checked = false): Ajv2020 {
  if (!checked) checkSchemas(document);
  // So the meta-schema, which every compiler would compile for itself, is not needed.
  const ajv = new Ajv2020({
    strict: false,
    allErrors: false,
    validateFormats: true,
    validateSchema: false,
    meta: false,
  });
  addFormats(ajv);
  ajv.addSchema({ $id: documentId, components: document.components ?? {} });
  return ajv;
}

/**
 * The check of one schema, compiled when it is first asked: milliseconds that few schemas of a start ever need. It names the place
 * and the rule that failed, never the value.
 */
export function compileSchema(ajv: Ajv2020, schema: object): (value: unknown) => string | undefined {
  let compiled: ValidateFunction | undefined;
  return (value) => {
    const validate = (compiled ??= ajv.compile(absolute(schema) as object));
    if (validate(value)) return undefined;
    const error = validate.errors?.[0];
    return `${error?.instancePath || "/"} ${error?.message ?? "does not match"}`;
  };
}

/** Local references (`#/components/…`) of a schema taken out of its document, made to point back into it. */
function absolute(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(absolute);
  if (typeof schema !== "object" || schema === null) return schema;
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]) =>
      key === "$ref" && typeof value === "string" && value.startsWith("#/")
        ? [key, documentId + value]
        : [key, absolute(value)],
    ),
  );
}
