/**
 * The door to what we promise: types of the public contract, and tables of what each operation, resource and problem declares.
 */
import { readFileSync } from "node:fs";
import { digestOf } from "./digest.ts";
import { bundleDigest } from "./generated/digest.ts";
import { forRequests, withConditionals } from "./validation.ts";

export { checkSchemas, resolveLocal } from "./schemas.ts";
export { readVendorDocument } from "./vendor.ts";

export type { components, operations as OperationTypes, paths } from "./generated/types.d.ts";
export { operations, personalFields, resources } from "./generated/operations.ts";
export type { OperationId, ResourceName } from "./generated/operations.ts";
export { eventTypes } from "./generated/events.ts";
export type { EventType } from "./generated/events.ts";
export { problems } from "./generated/problems.ts";
export type { ProblemCode } from "./generated/problems.ts";
export type * from "./contract.ts";

const bundleUrl = new URL("generated/bundle.json", import.meta.url);

/** Reads the bundled OpenAPI 3.1 document; a fresh copy each time, since some tools change what they are given. */
export function readBundle(): Record<string, unknown> {
  return JSON.parse(readFileSync(bundleUrl, "utf8")) as Record<string, unknown>;
}

/**
 * Whether the bundle is the very one that `npm run generate` wrote, which it and CI have checked. Of any other one all is to be
 * checked when it is used.
 */
export function isBundleAsGenerated(): boolean {
  return digestOf(readFileSync(bundleUrl)) === bundleDigest;
}

/** The bundled document in the form in which requests and answers are validated: see validation.ts. A fresh copy each time. */
export function readValidationBundle(): Record<string, unknown> {
  return withConditionals(readBundle()) as Record<string, unknown>;
}

/** The same, as far as requests need it. A fresh copy each time. */
export function readRequestBundle(): Record<string, unknown> {
  return withConditionals(forRequests(readBundle())) as Record<string, unknown>;
}
