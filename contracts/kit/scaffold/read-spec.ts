/** Reads what the vendor published: OpenAPI 3.0 or 3.1, YAML or JSON, as OpenAPI 3.1. */
import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import { ScaffoldError } from "./failure.ts";

export type Node = Record<string, unknown>;

const maxBytes = 20 * 1024 * 1024;
const maxDepth = 200;

/** Throws a `ScaffoldError` for what is no such document, and for one whose references leave the file. */
export async function readSpec(file: string): Promise<Node> {
  const text = await readFile(file, "utf8").catch((error: Error) => {
    throw new ScaffoldError(`--from: cannot read ${file}: ${error.message}`);
  });
  if (Buffer.byteLength(text) > maxBytes) throw new ScaffoldError(`--from: ${file} is larger than ${maxBytes} bytes`);
  let document: unknown;
  try {
    document = parse(text, { maxAliasCount: 10_000 });
  } catch (error) {
    throw new ScaffoldError(`--from: ${file} is neither YAML nor JSON: ${(error as Error).message.split("\n")[0]}`, {
      cause: error,
    });
  }
  if (!isNode(document)) throw new ScaffoldError(`--from: ${file} is no OpenAPI document`);
  if ("swagger" in document) {
    throw new ScaffoldError(
      `--from: ${file} is Swagger ${String(document["swagger"])}: convert it first, e.g. npx swagger2openapi ${file}`,
    );
  }
  const version = String(document["openapi"]);
  if (!/^3\.[01](\.|$)/.test(version))
    throw new ScaffoldError(`--from: ${file} is no OpenAPI 3.0 or 3.1 document (openapi: ${version})`);
  if (!isNode(document["paths"]) || Object.keys(document["paths"]).length === 0) {
    throw new ScaffoldError(`--from: ${file} has no paths`);
  }
  const outside = externalRef(document, 0);
  if (outside !== undefined) {
    throw new ScaffoldError(
      `--from: ${file} refers to ${outside}: bundle it first, npx redocly bundle ${file} -o one-file.yaml`,
    );
  }
  return version.startsWith("3.0") ? (upgraded(document) as Node) : document;
}

/** What stands at a node after its local reference. */
export function deref(document: Node, value: unknown): Node | undefined {
  let node = isNode(value) ? value : undefined;
  for (let hops = 0; hops < maxDepth && typeof node?.["$ref"] === "string"; hops += 1) {
    let at: unknown = document;
    for (const step of node["$ref"].slice(2).split("/")) {
      at = isNode(at) ? at[decodeURIComponent(step).replaceAll("~1", "/").replaceAll("~0", "~")] : undefined;
    }
    node = isNode(at) ? at : undefined;
  }
  return node;
}

function externalRef(value: unknown, depth: number): string | undefined {
  if (typeof value !== "object" || value === null || depth > maxDepth) return undefined;
  const ref = (value as Node)["$ref"];
  if (typeof ref === "string" && !ref.startsWith("#/")) return ref;
  for (const member of Object.values(value)) {
    const found = externalRef(member, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** OpenAPI 3.0's own keywords as JSON Schema 2020-12 says them. */
function upgraded(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(upgraded);
  if (!isNode(value)) return value;
  const { nullable, ...rest }: Node = Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, upgraded(member)]),
  );
  for (const [flag, bound] of [
    ["exclusiveMinimum", "minimum"],
    ["exclusiveMaximum", "maximum"],
  ] as const) {
    if (typeof rest[flag] !== "boolean") continue;
    if (rest[flag] && typeof rest[bound] === "number") {
      rest[flag] = rest[bound];
      delete rest[bound];
    } else delete rest[flag];
  }
  if (nullable !== true) return nullable === undefined || nullable === false ? rest : { ...rest, nullable };
  if (typeof rest["type"] !== "string") return { anyOf: [rest, { type: "null" }] };
  const list = Array.isArray(rest["enum"])
    ? { enum: [...(rest["enum"] as unknown[]).filter((each) => each !== null), null] }
    : {};
  return { ...rest, type: [rest["type"], "null"], ...list };
}

export function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}
