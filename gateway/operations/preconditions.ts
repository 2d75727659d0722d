import type { CapabilityName } from "#capability";
import { operations } from "#specs";
import { Problem } from "#problem";
import { refresh } from "./refresh.ts";
import { isFinal } from "./states.ts";
import type { OperationPorts, OperationRequest, Parents } from "./types.ts";

/**
 * Whether each parent is in a status that the operation needs; one that is not, and not final, is asked about first.
 * Problems: `consent_not_authorised`, `resource_state_conflict`.
 */
export async function requireParents(
  ports: OperationPorts,
  request: OperationRequest,
  parents: Parents,
): Promise<Parents> {
  const ready: Parents = { ...parents };
  for (const { resource, states } of operations[request.operationId].parents) {
    const capability = resource as CapabilityName;
    let row = parents[capability];
    if (row === undefined || states === undefined) continue;
    const allowed: readonly string[] = states;
    if (!allowed.includes(row.status) && !isFinal(capability, row.status)) {
      row = await refresh(ports, request, row);
      ready[capability] = row;
    }
    if (!allowed.includes(row.status)) {
      throw new Problem(capability === "consents" ? "consent_not_authorised" : "resource_state_conflict", {
        detail: `${row.id} is ${row.status}; this needs ${allowed.join(" or ")}.`,
      });
    }
  }
  return ready;
}
