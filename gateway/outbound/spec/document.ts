import { resolveLocal } from "#specs";

/** The parts of an OpenAPI 3.1 document that are read at run time. */
export interface OpenApiDocument {
  openapi?: string;
  paths?: Record<string, Partial<Record<Method, SpecOperation>>>;
  components?: Record<string, Record<string, unknown>>;
}

export const methods = ["get", "put", "post", "delete", "patch"] as const;
type Method = (typeof methods)[number];

export interface SpecOperation {
  operationId?: string;
  "x-effect"?: string;
  "x-group"?: string;
  requestBody?: SpecBody | Reference;
  responses?: Record<string, SpecResponse | Reference>;
}

interface Reference {
  $ref: string;
}

interface SpecBody {
  content?: Record<string, { schema?: object; encoding?: Record<string, { contentType?: string }> }>;
}

interface SpecResponse {
  content?: Record<string, { schema?: object }>;
}

/** Follows a local `$ref` of a request body or a response; schemas are left to the schema compiler. */
export function resolveRef<T extends object>(document: OpenApiDocument, value: T | Reference): T {
  if (!("$ref" in value)) return value;
  const at = resolveLocal(document, value.$ref);
  if (typeof at !== "object" || at === null) throw new Error(`unresolved $ref ${value.$ref}`);
  return at as T;
}
