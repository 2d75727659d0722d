import type { VendorRequest } from "#capability";
import type { VendorSpecOperation } from "./spec/index.ts";

/** Thrown when a mapping hands over what its vendor's spec cannot carry: a bug of the adapter. */
export class EncodingError extends Error {
  override readonly name = "EncodingError";
}

/**
 * A vendor operation's typed input as a request on the wire: path parameters escaped, query and headers set, the body
 * encoded by the media type of the vendor's spec (JSON, or a form whose `encoding` marks the JSON fields).
 */
export function encode(
  operation: VendorSpecOperation,
  baseUrl: string,
  input: { path?: object; query?: object; header?: object; body?: unknown },
): VendorRequest {
  const path = operation.wirePath.replace(/\{([^}]+)\}/g, (_, name: string) => {
    const value = (input.path as Record<string, unknown> | undefined)?.[name];
    if (value === undefined || value === "") throw new EncodingError(`path parameter ${name} is missing`);
    return encodeURIComponent(String(value));
  });
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(input.query ?? {})) {
    if (value !== undefined) query.set(name, String(value));
  }
  const url = new URL(
    baseUrl.replace(/\/$/, "") +
      path +
      (query.size === 0 ? "" : `${path.includes("?") ? "&" : "?"}${query.toString()}`),
  );
  const headers: Record<string, string> = { host: url.host, accept: "application/json" };
  for (const [name, value] of Object.entries(input.header ?? {})) {
    if (value !== undefined) headers[name.toLowerCase()] = String(value);
  }
  const body = encodeBody(operation, input.body);
  if (body !== undefined) headers["content-type"] = operation.requestMediaType ?? "application/json";
  return { operation: operation.id, method: operation.method, url, headers, body };
}

function encodeBody(operation: VendorSpecOperation, body: unknown): Buffer | undefined {
  if (body === undefined) return undefined;
  if (operation.requestMediaType !== "application/x-www-form-urlencoded") return Buffer.from(JSON.stringify(body));
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(body as object)) {
    if (value === undefined) continue;
    form.set(name, operation.jsonFields.has(name) ? JSON.stringify(value) : String(value));
  }
  return Buffer.from(form.toString());
}
