import { hash } from "node:crypto";
import { resources } from "#specs";
import type { CapabilityName } from "#capability";
import { freshBytes, randomHex } from "../random/index.ts";

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const idChars = 22;
/** The most values of a byte that the alphabet divides evenly. */
const evenBytes = 256 - (256 % alphabet.length);
const referenceChars = 32;

/** A new resource id: the capability's prefix and 131 random bits in base 62. */
export function newResourceId(capability: CapabilityName): string {
  return newId(resourceOf(capability).idPrefix);
}

/** The same for what is no resource of the contract's, e.g. an event. */
export function newId(prefix: string): string {
  let random = "";
  while (random.length < idChars) {
    for (const byte of freshBytes(idChars)) {
      // The bytes beyond are drawn anew: taken modulo 62, they would make some characters likelier than others.
      if (byte < evenBytes && random.length < idChars) random += alphabet[byte % alphabet.length];
    }
  }
  return `${prefix}_${random}`;
}

/**
 * What the vendor gets as its idempotency key or order number: 128 bits in hex. Derived once from what the claim holds, so
 * it is the same on every retry and after a restart, and another for every operation.
 */
export function deriveReference(parts: { partner: string; operationId: string; key: string; id: string }): string {
  const { partner, operationId, key, id } = parts;
  return hash("sha256", JSON.stringify([partner, operationId, key, id]), "hex").slice(0, referenceChars);
}

/** A reference for a call without effect, which nothing has to remember. */
export function transientReference(): string {
  return randomHex(referenceChars / 2);
}

/** The contract's resource declaration of a capability. */
export function resourceOf(capability: CapabilityName) {
  const resource = (resources as Partial<Record<string, (typeof resources)[keyof typeof resources]>>)[capability];
  if (resource === undefined) throw new Error(`${capability} has no resource in the contract`);
  return resource;
}
