import { Ajv2020 } from "ajv/dist/2020.js";
import addFormatsModule from "ajv-formats";
import type { FormatsPlugin } from "ajv-formats";
import type { OpenApiDocument } from "./document.ts";

// ajv-formats is CommonJS: under nodenext its default export is the module object.
const addFormats = addFormatsModule as unknown as FormatsPlugin;

const documentId = "https://qiao.invalid/document";

/** A JSON Schema 2020-12 compiler that knows the document's components, so that local `$ref`s resolve. */
export function schemaCompiler(document: OpenApiDocument): Ajv2020 {
  const ajv = new Ajv2020({ strict: false, allErrors: false, validateFormats: true });
  addFormats(ajv);
  ajv.addSchema({ $id: documentId, components: document.components ?? {} });
  return ajv;
}

/** Compiles one schema; the check names the place and the rule that failed, never the value. */
export function compileSchema(ajv: Ajv2020, schema: object): (value: unknown) => string | undefined {
  const validate = ajv.compile(absolute(schema) as object);
  return (value) => {
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
