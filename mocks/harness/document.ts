import { fileURLToPath } from "node:url";
import { Ajv2020 } from "ajv/dist/2020.js";
import type { ErrorObject, ValidateFunction } from "ajv/dist/2020.js";
import ajvFormats from "ajv-formats";
import { checkSchemas } from "#specs";

/** An object of the YAML document. */
export type Node = Readonly<Record<string, unknown>>;

/** A place in the document: where it is, and what stands there. */
export interface Place {
  /** Reference tokens from the root, unescaped. */
  at: readonly string[];
  node: Node;
}

/** An OpenAPI 3.1 document whose schemas can be compiled in place; every `$ref` in it is local (`#/…`). */
export interface SpecDocument {
  root: Node;
  /** What stands at `tokens` below `from`, after following `$ref`s; undefined if nothing does. */
  place(from: readonly string[], ...tokens: string[]): Place | undefined;
  /** The check of the schema that stands at a place, compiled when it is first asked. */
  check(place: Place): SchemaCheck;
}

/** What is wrong with a value; empty if nothing is. */
export type SchemaCheck = (value: unknown) => readonly ErrorObject[];

const base = "https://vendor.invalid/spec";
const maxRefDepth = 32;

/**
 * Takes a parsed file. Throws with its name if it is not an OpenAPI 3.1 document, or one of its schemas is none; `checked`: they
 * were found to be.
 */
export function openDocument(file: URL, root: unknown, checked: boolean): SpecDocument {
  const fault = (what: string, cause?: unknown): Error => new Error(`${fileURLToPath(file)}: ${what}`, { cause });
  if (!isNode(root) || !String(root["openapi"]).startsWith("3.1")) throw fault("not an OpenAPI 3.1 document");
  try {
    if (!checked) checkSchemas(root);
  } catch (error) {
    throw fault((error as Error).message, error);
  }
  const ajv = new Ajv2020({ strict: false, allErrors: true, logger: false, validateSchema: false, meta: false });
  ajvFormats.default(ajv);
  ajv.addSchema({ ...root, $id: base }, undefined, undefined, false);

  const follow = (at: readonly string[], depth: number): Place | undefined => {
    let node: unknown = root;
    for (const token of at) node = isNode(node) || Array.isArray(node) ? (node as Node)[token] : undefined;
    if (node === true) return { at, node: {} };
    if (!isNode(node)) return undefined;
    const ref = node["$ref"];
    if (typeof ref !== "string") return { at, node };
    if (!ref.startsWith("#/")) throw fault(`$ref ${ref} is not local`);
    if (depth === 0) throw fault(`$ref ${ref} leads in a circle`);
    const found = follow(tokensOf(ref), depth - 1);
    if (found === undefined) throw fault(`$ref ${ref} leads nowhere`);
    return found;
  };

  return {
    root,
    place: (from, ...tokens) => follow([...from, ...tokens], maxRefDepth),
    check: (place) => {
      let compiled: ValidateFunction | undefined;
      return (value) => {
        const $ref = `${base}#${place.at.map((token) => `/${escapedToken(token)}`).join("")}`;
        const validate = (compiled ??= ajv.compile({ $ref }));
        return validate(value) ? [] : (validate.errors ?? []);
      };
    },
  };
}

/** Ajv's findings in words: JSON pointer and what is wrong, never the value. */
export function findings(prefix: string, errors: readonly ErrorObject[]): string[] {
  return errors.map((error) => {
    const extra = (error.params["additionalProperty"] ?? error.params["unevaluatedProperty"]) as string | undefined;
    return `${prefix}${error.instancePath}: ${error.message ?? error.keyword}${extra === undefined ? "" : ` '${extra}'`}`;
  });
}

export function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function tokensOf(ref: string): string[] {
  return ref
    .slice(2)
    .split("/")
    .map((token) => decodeURIComponent(token).replaceAll("~1", "/").replaceAll("~0", "~"));
}

function escapedToken(token: string): string {
  return encodeURIComponent(token.replaceAll("~", "~0").replaceAll("/", "~1"));
}
