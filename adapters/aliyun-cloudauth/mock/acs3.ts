import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { WireRequest } from "#mocks";
import { incompleteSignature, keyOf, signatureDoesNotMatch, type Key } from "./keys.ts";

const scheme = /^ACS3-HMAC-SHA256 Credential=([^,\s]+),\s?SignedHeaders=([a-z0-9;-]+),\s?Signature=([0-9a-f]{64})$/;
const needed = ["host", "x-acs-action", "x-acs-version", "x-acs-date", "x-acs-signature-nonce", "x-acs-content-sha256"];

/**
 * Verifies ACS3-HMAC-SHA256 the vendor's way and gives the key that signed: over the headers that SignedHeaders names, the
 * query sorted and encoded anew, and the hash of the body as it came.
 */
export function verifyAcs3(request: WireRequest, keys: readonly Key[]): Key {
  const match = scheme.exec(request.headers["authorization"] ?? "");
  if (match === null) throw incompleteSignature("Authorization cannot be read");
  const [, accessKeyId = "", signedHeaders = "", signature = ""] = match;
  const names = signedHeaders.split(";");
  const sent = Object.keys(request.headers).filter((name) => name.startsWith("x-acs-") || name === "content-type");
  const uncovered = [...needed, ...sent].find((name) => !names.includes(name));
  if (uncovered !== undefined) throw incompleteSignature(`${uncovered} is not signed`);
  const key = keyOf(keys, accessKeyId);

  const hash = sha256(request.body);
  if (request.headers["x-acs-content-sha256"] !== hash) throw signatureDoesNotMatch();
  const lines = names.map((name) => `${name}:${(request.headers[name] ?? "").trim()}\n`);
  const canonical = `${request.method}\n${request.path}\n${query(request)}\n${lines.join("")}\n${signedHeaders}\n${hash}`;
  const wanted = createHmac("sha256", key.accessKeySecret)
    .update(`ACS3-HMAC-SHA256\n${sha256(canonical)}`)
    .digest();
  if (!timingSafeEqual(wanted, Buffer.from(signature, "hex"))) throw signatureDoesNotMatch();
  return key;
}

/** The query as it came, each part decoded and encoded again, so that only its meaning is signed. */
function query({ target }: WireRequest): string {
  const at = target.indexOf("?");
  if (at < 0 || at === target.length - 1) return "";
  const pairs = target.slice(at + 1).split("&");
  const parts = pairs.map((pair) => {
    const equals = pair.indexOf("=");
    const [name, value] = equals < 0 ? [pair, ""] : [pair.slice(0, equals), pair.slice(equals + 1)];
    return `${percentEncode(decoded(name))}=${percentEncode(decoded(value))}`;
  });
  return parts.toSorted().join("&");
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw signatureDoesNotMatch();
  }
}

/** RFC 3986: letters, digits, `-`, `_`, `.` and `~` stand as they are, every other byte as %XX. */
export function percentEncode(text: string): string {
  let out = "";
  for (const byte of Buffer.from(text, "utf8")) {
    const character = String.fromCodePoint(byte);
    out += /[\w.~-]/.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return out;
}

function sha256(data: string | Buffer): string {
  return createHash("sha256").update(data).digest("hex");
}
