import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import { compileSchema, schemaCompiler } from "./compile.ts";
import type { OpenApiDocument, SpecOperation, SpecResponse } from "./document.ts";
import { methods, resolveRef } from "./document.ts";

export interface VendorSpec {
  operations: ReadonlyMap<string, VendorSpecOperation>;
}

/** One operation of a `vendor.openapi.yaml`, ready to call and to check. */
export interface VendorSpecOperation {
  id: string;
  method: string;
  /** The path on the wire: a `#fragment` in the spec only tells operations of one URL apart. */
  wirePath: string;
  /** `x-effect`: what a repeat does at the vendor. */
  effect: "read" | "charged" | "once";
  /** `x-group`: which breaker and bulkhead. */
  group: string;
  requestMediaType: string | undefined;
  /** Form fields whose value is JSON (`encoding.<field>.contentType`). */
  jsonFields: ReadonlySet<string>;
  /** What is wrong with a parsed answer (JSON pointer and message, never the value), or undefined. */
  checkAnswer(status: number, body: unknown): string | undefined;
}

/** Thrown at boot: a vendor's spec that cannot be used stops the start. */
export class VendorSpecError extends Error {
  override readonly name = "VendorSpecError";
}

/** Reads and compiles a vendor's spec; every fault in it is found here, at boot, not at the first call. */
export async function loadVendorSpec(file: URL): Promise<VendorSpec> {
  const document = parse(await readFile(file, "utf8")) as OpenApiDocument;
  const compiler = schemaCompiler(document);
  const operations = new Map<string, VendorSpecOperation>();
  for (const [path, item] of Object.entries(document.paths ?? {})) {
    for (const method of methods) {
      const operation = item[method];
      if (operation === undefined) continue;
      const loaded = load(file, document, compiler, path, method, operation);
      if (operations.has(loaded.id)) throw new VendorSpecError(`${file.pathname}: operationId ${loaded.id} twice`);
      operations.set(loaded.id, loaded);
    }
  }
  return { operations };
}

function load(
  file: URL,
  document: OpenApiDocument,
  compiler: ReturnType<typeof schemaCompiler>,
  path: string,
  method: string,
  operation: SpecOperation,
): VendorSpecOperation {
  const id = operation.operationId;
  if (id === undefined) throw new VendorSpecError(`${file.pathname}: ${method} ${path} has no operationId`);
  const effect = operation["x-effect"];
  if (effect !== "read" && effect !== "charged" && effect !== "once") {
    throw new VendorSpecError(`${file.pathname}: ${id} needs x-effect: read | charged | once`);
  }
  const body = operation.requestBody === undefined ? undefined : resolveRef(document, operation.requestBody);
  const [requestMediaType, media] = Object.entries(body?.content ?? {})[0] ?? [];
  const jsonFields = Object.entries(media?.encoding ?? {})
    .filter(([, encoding]) => encoding.contentType === "application/json")
    .map(([field]) => field);
  const checks = new Map<string, (value: unknown) => string | undefined>();
  for (const [status, reference] of Object.entries(operation.responses ?? {})) {
    const response: SpecResponse = resolveRef(document, reference);
    const schema = Object.values(response.content ?? {})[0]?.schema;
    checks.set(status, schema === undefined ? emptyOnly : compileSchema(compiler, schema));
  }
  return {
    id,
    method: method.toUpperCase(),
    wirePath: path.split("#")[0] ?? path,
    effect,
    group: operation["x-group"] ?? id,
    requestMediaType,
    jsonFields: new Set(jsonFields),
    checkAnswer(status, value) {
      const check = checks.get(String(status)) ?? checks.get(`${Math.floor(status / 100)}XX`) ?? checks.get("default");
      return check === undefined ? `status ${status} is not in the vendor's spec` : check(value);
    },
  };
}

function emptyOnly(value: unknown): string | undefined {
  return value === undefined ? undefined : "the vendor's spec has no body here";
}
