import { Fault } from "#capability";
import { StoreError } from "#store";
import type { OperationPorts } from "./types.ts";

/** Whether the store refused what a vendor said because it contradicts what the vendor said before. */
export function isGivenTwice(error: unknown): error is StoreError {
  return error instanceof StoreError && error.code === "conflict";
}

/**
 * A vendor that names two resources by one handle: it has acted, and nobody can say on which. The handle itself may name a person,
 * so the alarm does not.
 */
export function givenTwice(
  ports: Pick<OperationPorts, "alarm">,
  about: { adapter: string; id: string },
  cause: StoreError,
): Fault {
  ports.alarm("vendor names two resources by one handle", about);
  const detail = `${about.adapter}: a handle of ${about.id} belongs to another resource`;
  return new Fault("vendor_invalid_answer", { outcome: "unknown", counts: true, detail, cause });
}
