/** bytea as JSON carries it to json_to_recordset: PostgreSQL's hex notation. */
export function hex(bytes: Uint8Array): string;
export function hex(bytes: Uint8Array | null | undefined): string | null;
export function hex(bytes: Uint8Array | null | undefined): string | null {
  return bytes ? `\\x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex")}` : null;
}

/**
 * The head of a statement over many units: `unit`, one row each, of the JSON array in $1. One parameter with its columns
 * named in one place; the client encodes it several times faster than an array a column (pg escapes those by element).
 */
export function unitsOf(columns: string): string {
  return `unit AS MATERIALIZED (SELECT * FROM json_to_recordset($1::json) AS u(ord integer, ${columns}))`;
}
