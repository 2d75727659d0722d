/** The request schemas of the bundle, and whether a value is one of theirs: by Ajv over the form in which requests are validated. */
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { operations, readBundle, readValidationBundle } from "#specs";
import type { OperationId } from "#specs";
import { nameOf } from "../../../specs/generate/document.ts";
import type { Bundle, Schema } from "../../../specs/generate/document.ts";

const bundle = readBundle() as unknown as Bundle;
const ajv = new Ajv2020({ strict: false, validateSchema: false });
// The package is CommonJS: what TypeScript calls its default export is the module, which is callable itself.
(addFormats as unknown as (to: Ajv2020) => void)(ajv);
ajv.addSchema(readValidationBundle(), "contract");

const checks = new Map<string, ReturnType<Ajv2020["compile"]>>();

/** The operations that take a JSON body. */
export const withBody = (Object.keys(operations) as OperationId[]).filter((id) => bodySchema(id) !== undefined);

export function bodySchema(id: OperationId): Schema | undefined {
  const { method, path } = operations[id];
  const operation = bundle.paths[path]?.[method === "GET" ? "get" : "post"];
  return operation?.requestBody?.content["application/json"]?.schema;
}

/** The schema itself, through references. */
export function follow(schema: Schema): Schema {
  if (schema.$ref === undefined) return schema;
  const { $ref, ...beside } = schema;
  const target = bundle.components.schemas[nameOf($ref)];
  if (target === undefined) throw new Error(`no schema ${$ref}`);
  return { ...follow(target), ...beside };
}

/** Whether a value is what an operation's body may be. */
export function fits(id: OperationId, value: unknown): boolean {
  const { path } = operations[id];
  const escaped = path.replaceAll("/", "~1").replaceAll("{", "%7B").replaceAll("}", "%7D");
  const place = `contract#/paths/${escaped}/post/requestBody/content/application~1json/schema`;
  const check = checks.get(id) ?? ajv.compile({ $ref: place });
  checks.set(id, check);
  return check(value) === true;
}
