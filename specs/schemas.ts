/**
 * Whether the schemas of an OpenAPI 3.1 document can be used, found out without compiling them: each against the meta-schema of
 * JSON Schema 2020-12, each pattern, each `$ref` to its end. That takes a twentieth of the time, so all can be checked at each start and compiled
 * at their first use.
 */
import { Ajv2020 } from "ajv/dist/2020.js";

/** Members outside schemas, and keywords inside, whose value may be anything. */
const notDocument = /^(?:examples?|x-.*)$/;
const notSchema = /^(?:examples?|default|const|enum|x-.*)$/;
/** Keywords whose value names schemas by words of its own. */
const namesSchemas = /^(?:properties|patternProperties|dependentSchemas|\$defs)$/;

let metaSchema: Ajv2020 | undefined;

/**
 * Checks every schema that the document's paths and webhooks use. Throws for the first that is none and for the first `$ref` that
 * leads nowhere or out of the document, with its place.
 */
export function checkSchemas(document: { paths?: unknown; webhooks?: unknown }): void {
  const seen = new Set<string>();
  const open: (() => void)[] = [];

  const schema = (node: unknown, at: string): void => {
    const fault = faultOf(node);
    if (fault !== undefined) throw new Error(`${at}${fault}`);
    for (const [keyword, text] of wordsOf(node)) {
      if (keyword === "$ref") follow(text, at, schema);
      else if (!isPattern(text)) throw new Error(`${at}: the pattern ${text} is no regular expression`);
    }
  };
  /** A part of the document in which schemas stand: under `schema`, whatever that part is. */
  const part = (node: unknown, at: string): void => {
    if (typeof node !== "object" || node === null) return;
    for (const [key, value] of Object.entries(node)) {
      if (notDocument.test(key)) continue;
      if (key === "$ref" && typeof value === "string") follow(value, at, part);
      else if (key === "schema") schema(value, `${at}/schema`);
      else part(value, `${at}/${escaped(key)}`);
    }
  };
  const follow = (ref: string, from: string, as: typeof part): void => {
    const target = `${as === schema ? "schema" : "part"} ${ref}`;
    if (seen.has(target)) return;
    seen.add(target);
    const node = resolveLocal(document, ref);
    if (node === undefined) throw new Error(`${from}: $ref ${ref} leads nowhere`);
    open.push(() => as(node, ref));
  };

  part(document.paths, "#/paths");
  part(document.webhooks, "#/webhooks");
  for (let next = open.pop(); next !== undefined; next = open.pop()) next();
}

/** What stands where a local reference (`#/…`) points; undefined if nothing does or the reference is not local. */
export function resolveLocal(document: object, ref: string): unknown {
  if (!ref.startsWith("#/")) return undefined;
  let at: unknown = document;
  for (const token of ref.slice(2).split("/")) {
    const key = decodeURIComponent(token).replaceAll("~1", "/").replaceAll("~0", "~");
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, key)) return undefined;
    at = (at as Record<string, unknown>)[key];
  }
  return at;
}

/** Where a schema leaves the meta-schema, and how; undefined if it does not. */
function faultOf(schema: unknown): string | undefined {
  if (typeof schema === "boolean") return undefined;
  if (typeof schema !== "object" || schema === null) return " must be object,boolean";
  metaSchema ??= new Ajv2020({ strict: false, logger: false });
  if (metaSchema.validateSchema(schema) === true) return undefined;
  const error = metaSchema.errors?.[0];
  return `${error?.instancePath ?? ""} ${error?.message ?? "is no schema"}`;
}

/** What the meta-schema leaves open: each `$ref` and each pattern, at any depth. */
function* wordsOf(node: unknown, areNames = false): Generator<["$ref" | "pattern", string]> {
  if (typeof node !== "object" || node === null) return;
  for (const [key, value] of Object.entries(node)) {
    if (areNames) yield* wordsOf(value);
    else if ((key === "$ref" || key === "pattern") && typeof value === "string") yield [key, value];
    else if (!notSchema.test(key)) {
      if (key === "patternProperties")
        yield* Object.keys(value as object).map((text) => ["pattern", text] as ["pattern", string]);
      yield* wordsOf(value, namesSchemas.test(key));
    }
  }
}

/** As Ajv will make one of it. */
function isPattern(text: string): boolean {
  try {
    return new RegExp(text, "u") instanceof RegExp;
  } catch {
    return false;
  }
}

function escaped(token: string): string {
  return token.replaceAll("~", "~0").replaceAll("/", "~1");
}
