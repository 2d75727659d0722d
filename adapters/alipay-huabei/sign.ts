import { sign, verify } from "node:crypto";
import type { KeyObject } from "node:crypto";

const algorithm = "RSA-SHA256";

/**
 * The text that an RSA2 signature covers: all parameters but `omitted` and the empty ones, sorted by name, joined as
 * `name=value` with raw decoded values. For a request only `sign` is omitted; for a notification also `sign_type`.
 */
export function signedText(parameters: Iterable<[string, string]>, omitted: readonly string[]): string {
  return [...parameters]
    .filter(([name, value]) => value !== "" && !omitted.includes(name))
    .toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
}

/** Base64 of the RSA2 signature (RSA-SHA256, PKCS#1 v1.5) over the text in UTF-8. */
export function rsa2(text: string, key: KeyObject): string {
  return sign(algorithm, Buffer.from(text, "utf8"), key).toString("base64");
}

/** Whether a base64 RSA2 signature covers the text. Anything but canonical base64 is no signature. */
export function verifiesRsa2(text: string, signature: string, key: KeyObject): boolean {
  const bytes = Buffer.from(signature, "base64");
  if (bytes.length === 0 || bytes.toString("base64") !== signature) return false;
  return verify(algorithm, Buffer.from(text, "utf8"), key, bytes);
}
