/** A chain's head, signed, so that rows cut off or rewritten behind it are noticed. */
import { signBase, verifyBase } from "#signature";
import type { SignKey, VerifyKey } from "#signature";
import type { AuditCheckpoint, ChainHead } from "#store";

/** Signs a head with the gateway's key, by that key's own algorithm (Ed25519; ES256 as r‖s; PS256). */
export function signCheckpoint(head: ChainHead, atMs: number, key: SignKey): AuditCheckpoint {
  const signature = signBase(key, signedText({ ...head, atMs })).toString("base64");
  return { ...head, atMs, keyid: key.keyid, signature };
}

/** `unknown_key` when no published key, now or archived, has its keyid. */
export function checkCheckpoint(
  checkpoint: AuditCheckpoint,
  keys: ReadonlyMap<string, VerifyKey>,
): "valid" | "invalid" | "unknown_key" {
  const key = keys.get(checkpoint.keyid);
  if (key === undefined) return "unknown_key";
  const valid = verifyBase(key, signedText(checkpoint), Buffer.from(checkpoint.signature, "base64"));
  return valid ? "valid" : "invalid";
}

function signedText({ chain, number, hash, atMs }: ChainHead & { atMs: number }): string {
  return `${chain}\n${number}\n${hash}\n${atMs}`;
}
