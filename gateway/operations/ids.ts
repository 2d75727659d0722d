import { hash } from "node:crypto";
import { resources } from "#specs";
import type { CapabilityName } from "#capability";
import { freshBytes, randomHex } from "../random/index.ts";

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/** Milliseconds since 1970 in base 62: enough until the year 8888. */
const timeChars = 8;
const randomChars = 14;
/** The most values of a byte that the alphabet divides evenly. */
const evenBytes = 256 - (256 % alphabet.length);
const referenceChars = 32;
/** Of those, the milliseconds since 1970 in hex. */
const referenceTimeChars = 12;

/**
 * A new resource id: the capability's prefix, the time and 83 random bits in base 62. Ids of one time begin alike (as UUIDv7, RFC
 * 9562 5.7): then an index writes its last page, and not one anywhere. When a resource was made is no secret, it says so itself.
 */
export function newResourceId(capability: CapabilityName): string {
  return newId(resourceOf(capability).idPrefix);
}

/** The same for what is no resource of the contract's, e.g. an event. */
export function newId(prefix: string): string {
  let random = "";
  while (random.length < randomChars) {
    for (const byte of freshBytes(randomChars)) {
      // The bytes beyond are drawn anew: taken modulo 62, they would make some characters likelier than others.
      if (byte < evenBytes && random.length < randomChars) random += alphabet[byte % alphabet.length];
    }
  }
  return `${prefix}_${timeText(Date.now())}${random}`;
}

/** In order of time as text too, since the alphabet is in the order of its codes. */
function timeText(ms: number): string {
  let text = "";
  for (let left = ms; text.length < timeChars; left = Math.floor(left / alphabet.length)) {
    text = `${alphabet[left % alphabet.length]}${text}`;
  }
  return text;
}

/** The milliseconds of an id of `newId`. */
function timeOf(id: string): number {
  const at = id.indexOf("_") + 1;
  let ms = 0;
  for (const character of id.slice(at, at + timeChars)) ms = ms * alphabet.length + alphabet.indexOf(character);
  return ms;
}

/**
 * What the vendor gets as its idempotency key or order number: 32 hex digits, of which the first 12 are the time of the resource's
 * making, for the same reason as in its id, and 80 bits a digest. Derived once from what the claim holds, so it is the
 * same on every retry and after a restart, and another for every operation.
 */
export function deriveReference(parts: { partner: string; operationId: string; key: string; id: string }): string {
  const { partner, operationId, key, id } = parts;
  const time = timeOf(id).toString(16).padStart(referenceTimeChars, "0");
  const digest = hash("sha256", JSON.stringify([partner, operationId, key, id]), "hex");
  return `${time}${digest}`.slice(0, referenceChars);
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
