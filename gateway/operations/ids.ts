import { createHash, randomInt } from "node:crypto";
import { resources } from "#specs";
import type { CapabilityName } from "#capability";

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const idChars = 22;
const referenceChars = 32;

/** A new resource id: the capability's prefix and 131 random bits in base 62. */
export function newResourceId(capability: CapabilityName): string {
  return newId(resourceOf(capability).idPrefix);
}

/** The same for what is no resource of the contract's, e.g. an event. */
export function newId(prefix: string): string {
  let random = "";
  for (let at = 0; at < idChars; at += 1) random += alphabet[randomInt(alphabet.length)];
  return `${prefix}_${random}`;
}

/**
 * What the vendor gets as its idempotency key or order number: 128 bits in hex. Derived once from what the claim holds, so
 * it is the same on every retry and after a restart, and another for every operation.
 */
export function deriveReference(parts: { partner: string; operationId: string; key: string; id: string }): string {
  return createHash("sha256")
    .update(JSON.stringify([parts.partner, parts.operationId, parts.key, parts.id]))
    .digest("hex")
    .slice(0, referenceChars);
}

/** A reference for a call without effect, which nothing has to remember. */
export function transientReference(requestId: string): string {
  return createHash("sha256").update(requestId).digest("hex").slice(0, referenceChars);
}

/** The contract's resource declaration of a capability. */
export function resourceOf(capability: CapabilityName) {
  const resource = (resources as Partial<Record<string, (typeof resources)[keyof typeof resources]>>)[capability];
  if (resource === undefined) throw new Error(`${capability} has no resource in the contract`);
  return resource;
}
