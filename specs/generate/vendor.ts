/** Renders a vendor's document as JSON, which starts read instead of its YAML. */
import { readFile } from "node:fs/promises";
import { checkSchemas } from "../schemas.ts";
import { generatedVendorDocument, parseVendorDocument } from "../vendor.ts";

/** Text of `adapters/<vendor>/vendor.openapi.json`. Throws when the vendor's file is no YAML, or a schema in it is none. */
export async function renderVendorDocument(file: string): Promise<string> {
  const source = await readFile(file);
  const document = parseVendorDocument(source);
  checkSchemas(document as object);
  return generatedVendorDocument(source, document);
}
