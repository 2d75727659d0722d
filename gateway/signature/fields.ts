/** Header fields read from the raw array, because a parsed headers object has already dropped or joined duplicates. */
import { refuse } from "./refusal.ts";

/** Node's `rawHeaders`: name, value, name, value … as received. */
export type RawHeaders = readonly string[];

/** Lower-case field name → its values in order of arrival. */
export type Fields = ReadonlyMap<string, readonly string[]>;

/** Rule 3: fields that decide what a message means; two of one kind could be read differently by two readers. */
const singleValued = [
  "signature",
  "signature-input",
  "content-digest",
  "content-type",
  "content-length",
  "content-encoding",
  "authorization",
  "dpop",
  "idempotency-key",
  "idempotency-replayed",
  "webhook-id",
  "host",
];

/** Groups a raw header array by lower-case name; values lose only surrounding spaces and tabs (RFC 9421 2.1). */
export function readFields(rawHeaders: RawHeaders): Fields {
  const fields = new Map<string, string[]>();
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] ?? "").toLowerCase();
    const value = trimSpace(rawHeaders[i + 1] ?? "");
    const values = fields.get(name);
    if (values) values.push(value);
    else fields.set(name, [value]);
  }
  return fields;
}

/** Rule 3. Refuses with `duplicate_header` when a deciding field arrived twice. */
export function refuseDuplicates(fields: Fields): void {
  for (const name of singleValued) {
    if ((fields.get(name)?.length ?? 0) < 2) continue;
    refuse("duplicate_header", `The header ${name} must be sent once.`, { header: name });
  }
}

/** A field's combined value: occurrences joined with `, ` (RFC 9421 2.1); undefined when absent. */
export function fieldValue(fields: Fields, name: string): string | undefined {
  const values = fields.get(name);
  return values === undefined || values.length < 2 ? values?.[0] : values.join(", ");
}

/** Only space and tab are optional white space in HTTP (RFC 9110 5.6.3); String.trim would eat more. */
export function trimSpace(value: string): string {
  let start = 0;
  let end = value.length;
  while (start < end && isSpace(value.charCodeAt(start))) start++;
  while (end > start && isSpace(value.charCodeAt(end - 1))) end--;
  return value.slice(start, end);
}

const isSpace = (code: number): boolean => code === 0x20 || code === 0x09;
