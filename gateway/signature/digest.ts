/** Rule 7: `Content-Digest` (RFC 9530) over the raw body bytes. */
import { hash } from "node:crypto";
import { maxContentDigestChars, maxDigests } from "./limits.ts";
import { type Member, hasDuplicates, readMembers } from "./members.ts";
import { refuse } from "./refusal.ts";

/** RFC 9530's active algorithms; its deprecated ones (md5, sha, unixsum …) prove nothing and count as unknown. */
const algorithms = new Map([
  ["sha-256", "sha256"],
  ["sha-512", "sha512"],
]);

/** The field for a body: `sha-256=:…:`. */
export function contentDigest(body: Uint8Array): string {
  return `sha-256=${digestText("sha256", body)}`;
}

/**
 * Checks a received field against the bytes. Every known member must match and sha-256 must be there; only unknown
 * members are as good as none. Refuses with `digest_missing` or `digest_mismatch`.
 */
export function checkContentDigest(field: string | undefined, body: Uint8Array): void {
  if (field === undefined || field === "") refuse("digest_missing", "The header content-digest is missing.");
  if (field === contentDigest(body)) return;
  const members = readDigests(field);
  if (hasDuplicates(members)) refuse("digest_mismatch", "content-digest names an algorithm twice.");
  const known = members.filter((member) => algorithms.has(member.label));
  if (!known.some((member) => member.label === "sha-256"))
    refuse("digest_missing", "content-digest must have a sha-256 member.");
  for (const member of known) {
    // Texts are compared: a digest has one spelling, padded standard base64 without parameters.
    if (member.text === digestText(algorithms.get(member.label) ?? "", body)) continue;
    refuse(
      "digest_mismatch",
      `${member.label} is not the padded base64 digest of the ${body.byteLength} bytes received.`,
    );
  }
}

function digestText(algorithm: string, body: Uint8Array): string {
  return `:${hash(algorithm, body, "base64")}:`;
}

function readDigests(field: string): Member[] {
  if (field.length > maxContentDigestChars) {
    refuse("digest_mismatch", `content-digest exceeds ${maxContentDigestChars} characters.`);
  }
  try {
    return readMembers(field, maxDigests);
  } catch {
    return refuse("digest_mismatch", "content-digest is not a structured dictionary.");
  }
}
