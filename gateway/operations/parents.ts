import type { CapabilityName } from "#capability";
import { operations } from "#specs";
import { ownRow } from "./rows.ts";
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

function valueAt(request: OperationRequest, from: string): string | undefined {
  const [part = "", name = ""] = from.split(".");
  const source = request.input[part as keyof OperationRequest["input"]] as Record<string, unknown> | undefined;
  const value = source?.[name];
  return typeof value === "string" ? value : undefined;
}
