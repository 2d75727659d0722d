import type { Node } from "./document.ts";
import { mediaTypeOf, typesOf, type SpecContent, type SpecParameter } from "./spec.ts";

/** What could not be read, in words for a violation. */
export class Undecodable extends Error {
  override readonly name = "Undecodable";
}

/**
 * A body as the value that the spec's schema describes: JSON, a form, or plain text where the schema is a string. A body
 * under another type whose schema is no string holds JSON, as with vendors that answer JSON as `text/html`.
 */
export function decodeBody(bytes: Buffer, contentType: string, content: SpecContent): unknown {
  const mediaType = mediaTypeOf(contentType);
  const text = bytes.toString("utf8");
  if (mediaType === "application/x-www-form-urlencoded") return decodeForm(text, content);
  const isJson = mediaType === "application/json" || mediaType.endsWith("+json");
  const types = typesOf(content.schema);
  if (!isJson && (types.includes("string") || content.check === undefined)) return text;
  return decodeJson(text);
}

function decodeForm(text: string, content: SpecContent): Record<string, unknown> {
  const form = new URLSearchParams(text);
  const fields: Record<string, unknown> = {};
  for (const name of new Set(form.keys())) {
    const values = form.getAll(name);
    const schema = content.field(name);
    if (typesOf(schema).includes("array")) fields[name] = values;
    else if (values.length > 1) throw new Undecodable(`field '${name}' stands twice`);
    else if (content.jsonFields.has(name)) fields[name] = decodeJson(values[0] ?? "", `field '${name}'`);
    else fields[name] = decodeText(values[0] ?? "", schema);
  }
  return fields;
}

/** A parameter's value from its texts (several if it came several times). */
export function decodeParameter(texts: readonly string[], parameter: SpecParameter): unknown {
  const first = texts[0] ?? "";
  if (parameter.json) return decodeJson(first);
  if (typesOf(parameter.schema).includes("array")) {
    const apart = parameter.in === "query" && parameter.explode;
    const items = apart ? texts : first.split(",");
    const itemSchema = parameter.schema["items"] as Node | undefined;
    return items.map((item) => decodeText(item, itemSchema));
  }
  if (texts.length > 1) throw new Undecodable("stands twice");
  return decodeText(first, parameter.schema);
}

/** Text to what the schema's type says, strictly; what does not fit stays text and fails against the schema. */
function decodeText(text: string, schema: Node | undefined): unknown {
  const types = typesOf(schema);
  if (types.includes("string")) return text;
  if (types.includes("integer") && /^-?\d{1,15}$/.test(text)) return Number(text);
  if (types.includes("number") && /^-?\d{1,15}(\.\d{1,15})?$/.test(text)) return Number(text);
  if (types.includes("boolean") && (text === "true" || text === "false")) return text === "true";
  return text;
}

function decodeJson(text: string, what = "body"): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Undecodable(`${what} is not JSON`);
  }
}
