import { createHash } from "node:crypto";

/** SHA-256, base64url. */
export function digestOf(bytes: string | Uint8Array): string {
  return createHash("sha256").update(bytes).digest("base64url");
}
