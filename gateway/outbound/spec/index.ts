import { readVendorDocument } from "#specs";
import { answerCheck } from "./answers.ts";
import type { AnswerCheck } from "./answers.ts";
import { schemaCompiler } from "./compile.ts";
import type { OpenApiDocument, SpecOperation } from "./document.ts";
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
  checkAnswer: AnswerCheck;
}

/** Thrown at boot: a vendor's spec that cannot be used stops the start. */
class VendorSpecError extends Error {
  override readonly name = "VendorSpecError";
}

/** What this process read last of each file. */
const read = new Map<string, { digest: string; spec: VendorSpec }>();

/**
 * Reads a vendor's spec, once for all gateways of this process while the file stays the same. Every fault in it is found here, at
 * boot, not at the first call; its schemas are compiled when they are first needed.
 */
export async function loadVendorSpec(file: URL): Promise<VendorSpec> {
  try {
    const { digest, document, checked } = readVendorDocument(file);
    const known = read.get(file.href);
    if (known?.digest === digest) return known.spec;
    const spec = readSpec(file, document as OpenApiDocument | null, checked);
    read.set(file.href, { digest, spec });
    return spec;
  } catch (error) {
    throw error instanceof VendorSpecError
      ? error
      : new VendorSpecError(`${file.pathname}: ${(error as Error).message}`, { cause: error });
  }
}

function readSpec(file: URL, document: OpenApiDocument | null, checked: boolean): VendorSpec {
  if (!document?.openapi?.startsWith("3.1."))
    throw new VendorSpecError(`${file.pathname}: not an OpenAPI 3.1 document`);
  const compiler = schemaCompiler(document, checked);
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
  return {
    id,
    method: method.toUpperCase(),
    wirePath: path.split("#")[0] ?? path,
    effect,
    group: operation["x-group"] ?? id,
    requestMediaType,
    jsonFields: new Set(jsonFields),
    checkAnswer: answerCheck(document, compiler, operation.responses),
  };
}
