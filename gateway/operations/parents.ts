import type { CapabilityName, OperationId } from "#capability";
import { operations } from "#specs";
import { Problem } from "#problem";
import { ownRow } from "./rows.ts";
import { refresh } from "./refresh.ts";
import { isFinal } from "./states.ts";
import type { OperationPorts, OperationRequest, Parents } from "./types.ts";

/** The other resources that the operation names; each must be the partner's own. Problem: `resource_not_found`. */
export async function loadParents(ports: OperationPorts, request: OperationRequest): Promise<Parents> {
  const parents: Parents = {};
  for (const { from, resource } of operations[request.operationId].parents) {
    const id = valueAt(request, from);
    if (id === undefined) continue;
    const capability = resource as CapabilityName;
    parents[capability] = await ownRow(ports, request.partner, capability, id);
  }
  return parents;
}

/**
 * Whether each parent is in a status that the operation needs; one that is not, and not final, is asked about first.
 * Problems: `consent_not_authorised`, `resource_state_conflict`.
 */
export async function requireParents(ports: OperationPorts, request: OperationRequest, parents: Parents): Promise<Parents> {
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

function valueAt(request: OperationRequest, from: string): string | undefined {
  const [part = "", name = ""] = from.split(".");
  const source = request.input[part as keyof OperationRequest["input"]] as Record<string, unknown> | undefined;
  const value = source?.[name];
  return typeof value === "string" ? value : undefined;
}

/** The operation that reads a resource of this capability. */
export function getOperation(capability: CapabilityName): OperationId {
  return `${capability}.get` as OperationId;
}
