import type { CapabilityName, ResourceView } from "#capability";
import type { ResourceRow } from "#store";
import { Problem } from "#problem";
import { voidStatus } from "./states.ts";
import type { OperationPorts, StoredBody } from "./types.ts";

/** A partner's own resource, or `resource_not_found`: another partner's is as if it did not exist. */
export async function ownRow(
  ports: OperationPorts,
  partner: string,
  capability: CapabilityName,
  id: string,
): Promise<ResourceRow> {
  const row = await ports.store.resource(id);
  if (row === undefined || row.partner !== partner || row.kind !== capability || row.status === voidStatus) {
    throw new Problem("resource_not_found");
  }
  return row;
}

export function stored(row: ResourceRow): StoredBody {
  return row.body as StoredBody;
}

/** What an adapter sees of a stored resource. */
export function viewOf(row: ResourceRow): ResourceView {
  const { body, request } = stored(row);
  return {
    id: row.id,
    reference: row.reference,
    status: row.status,
    body,
    state: row.state,
    createdAt: new Date(row.createdAtMs),
    request,
  };
}
