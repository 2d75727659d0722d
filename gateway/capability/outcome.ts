import type { OperationId, Output } from "./contract.ts";
import type { Fault } from "./fault.ts";

/** The vendor answered, and the answer maps to the contract's success body. */
export interface Done<Body> {
  outcome: "done";
  body: Body;
  /**
   * Opaque, JSON-serialisable vendor state of this resource. The core seals it, stores it and gives it back with every
   * later call on the resource, so that an adapter never needs a store. Leave it out to keep what is stored.
   */
  state?: unknown;
  /** Vendor-side ids by which a callback may later name this resource (our own reference always does). */
  handles?: string[];
}

/** Something else than an answer: which of the three says what may follow (see `Fault`). */
export interface NotDone {
  outcome: "rejected" | "not_sent" | "unknown";
  fault: Fault;
}

/**
 * What became of a call to a vendor.
 * - `done`: the vendor answered;
 * - `rejected`: a definite no, nothing happened;
 * - `not_sent`: it surely never reached the vendor, so it may be tried again, also elsewhere;
 * - `unknown`: it may have happened; never blindly repeated.
 */
export type Outcome<Id extends OperationId> = Done<Output<Id>> | NotDone;

/** Says that the vendor answered. `extra` holds the vendor state and the handles to remember. */
export function done<Body>(body: Body, extra: { state?: unknown; handles?: string[] } = {}): Done<Body> {
  return { outcome: "done", body, ...extra };
}
