import { operations } from "#specs";
import type { CapabilityName, OperationId } from "./contract.ts";

/** What the name of an operation says. */
interface Named {
  capability: CapabilityName;
  verb: string;
}

/** Taken apart once: a call asks several times. */
const named = new Map((Object.keys(operations) as OperationId[]).map((id) => [id, takenApart(id)]));

/** The capability and the verb of an operation of the contract: `instalments.create` is `create` of `instalments`. */
export function nameOf(operationId: OperationId): Named {
  return named.get(operationId) ?? takenApart(operationId);
}

function takenApart(operationId: OperationId): Named {
  const [capability, verb = ""] = operationId.split(".");
  return { capability: capability as CapabilityName, verb };
}
