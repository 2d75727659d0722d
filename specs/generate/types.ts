/** Renders TypeScript types from OpenAPI documents. */
import { pathToFileURL } from "node:url";
import openapiTS, { astToString } from "openapi-typescript";
import type { OpenAPI3 } from "openapi-typescript";
import { nameOf } from "./document.ts";
import type { Bundle, Schema } from "./document.ts";

// A field with a default stays optional: the one who sends it may leave it out.
const options = { defaultNonNullable: false };

/** Source of `generated/types.d.ts`. */
export async function renderContractTypes(bundle: Bundle): Promise<string> {
  // The bundle is OpenAPI as Redocly checked it; our reading type names only the parts that we use.
  // What we send has its schemas here; as operations are counted only those that partners call.
  const { webhooks: _sent, ...called } = bundle;
  return astToString(await openapiTS(withPropertyDocs(called) as unknown as OpenAPI3, options));
}

/** Source of `adapters/<vendor>/vendor.d.ts`. Throws when the vendor's file is no OpenAPI document. */
export async function renderVendorTypes(file: string): Promise<string> {
  return astToString(await openapiTS(pathToFileURL(file), options));
}

/**
 * A copy in which a property that is a `$ref` only says what the schema says that it refers to: in an editor nobody sees through
 * a `$ref`. The published bundle stays as it is.
 */
function withPropertyDocs<T extends Pick<Bundle, "components">>(bundle: T): T {
  const { schemas } = bundle.components;
  const documented = (schema: Schema): Schema => {
    const { $ref, description } = schema;
    return $ref === undefined || description !== undefined
      ? schema
      : { ...schema, description: schemas[nameOf($ref)]?.["description"] };
  };
  return JSON.parse(JSON.stringify(bundle), (key, value: unknown) => {
    if (key !== "properties") return value;
    const properties = Object.entries(value as Record<string, Schema>);
    return Object.fromEntries(properties.map(([name, schema]) => [name, documented(schema)]));
  }) as T;
}
