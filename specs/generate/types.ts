/** Renders TypeScript types from OpenAPI documents. */
import { pathToFileURL } from "node:url";
import openapiTS, { astToString } from "openapi-typescript";
import type { OpenAPI3 } from "openapi-typescript";
import type { Bundle } from "./document.ts";

// A field with a default stays optional: the one who sends it may leave it out.
const options = { defaultNonNullable: false };

/** Source of `generated/types.d.ts`. */
export async function renderContractTypes(bundle: Bundle): Promise<string> {
  // The bundle is OpenAPI as Redocly checked it; our reading type names only the parts that we use.
  // What we send has its schemas here; as operations are counted only those that partners call.
  const { webhooks: _sent, ...called } = bundle;
  return astToString(await openapiTS(called as unknown as OpenAPI3, options));
}

/** Source of `adapters/<vendor>/vendor.d.ts`. Throws when the vendor's file is no OpenAPI document. */
export async function renderVendorTypes(file: string): Promise<string> {
  return astToString(await openapiTS(pathToFileURL(file), options));
}
