import { StoreError } from "./errors.ts";
import type { Group } from "./pg-batch.ts";
import type { Run } from "./pg-link.ts";
import { seqAfter } from "./pg-pages.ts";
import { hex, unitsOf } from "./pg-rows.ts";
import type { ClaimName, PageUnit, ResourceName, SealedResource, TransitionRow } from "./units.ts";

/** The columns of resources `r` as a SealedResource. */
export const resourceColumns = `r.id, r.kind, r.partner, r.adapter, r.operation_id AS "operationId", r.reference,
  r.status, r.version, r.body, r.state, r.cause, r.created_at_ms AS "createdAtMs", r.updated_at_ms AS "updatedAtMs"`;

type Found = { ord: number } & (SealedResource | { id: null });

/** Resources by id, by our reference, or by a handle of their vendor: one statement for all. */
export const resourceGroup: Group<"resource", Found> = {
  statement: {
    name: "resource",
    text: `WITH ${unitsOf("id text, reference_index bytea, adapter text, handle bytea")},
      name AS (
        SELECT unit.ord, coalesce(handles.resource_id, referred.id, unit.id) AS id FROM unit
        LEFT JOIN handles ON handles.adapter = unit.adapter AND handles.handle = unit.handle
        LEFT JOIN resources AS referred ON referred.reference_index = unit.reference_index
      )
      SELECT name.ord, ${resourceColumns} FROM name LEFT JOIN resources AS r ON r.id = name.id`,
  },
  changes: false,
  row: (name: ResourceName) => {
    if ("id" in name) return { id: name.id };
    if ("referenceIndex" in name) return { reference_index: hex(name.referenceIndex) };
    return { adapter: name.adapter, handle: hex(name.handle) };
  },
  outcome: ({ ord: _place, ...found }) => ({ ok: true, output: found.id === null ? undefined : found }),
};

/** A page in the order of creation. */
export async function resources(run: Run, { partner, kind, limit, afterId }: PageUnit): Promise<SealedResource[]> {
  const find = "SELECT seq FROM resources WHERE id = $1 AND partner = $2 AND kind = $3";
  return run(
    {
      text: `SELECT ${resourceColumns} FROM resources AS r WHERE r.partner = $1 AND r.kind = $2 AND r.seq > $3
        ORDER BY r.seq LIMIT $4`,
    },
    partner,
    kind,
    await seqAfter(run, find, afterId, partner, kind),
    limit,
  );
}

/** A resource's history, oldest first. */
export function transitions(run: Run, { id }: { id: string }): Promise<TransitionRow[]> {
  return run(
    {
      text: `SELECT resource_id AS "resourceId", version, from_status AS "from", to_status AS "to", cause, at_ms AS "atMs"
        FROM transitions WHERE resource_id = $1 ORDER BY version`,
    },
    id,
  );
}

/** Gives an intent at version 1 to another adapter. */
export async function reroute(run: Run, { id, adapter }: { id: string; adapter: string }): Promise<boolean> {
  const text = "UPDATE resources SET adapter = $2 WHERE id = $1 AND version = 1 RETURNING id";
  return (await run({ text }, id, adapter)).length === 1;
}

/** The claim and its untouched intent, gone; see Store.release. The resource is locked before the claim, as everywhere. */
export async function release(run: Run, { partner, key, operationId }: ClaimName): Promise<undefined> {
  const named = "FROM claims WHERE partner = $1 AND key = $2 AND operation_id = $3";
  const [found] = await run<{ resourceId: string | null }>(
    { text: `SELECT resource_id AS "resourceId" ${named}` },
    partner,
    key,
    operationId,
  );
  if (!found) return undefined;
  const [intent] = await run<{ version: number }>(
    { text: "SELECT version FROM resources WHERE id = $1 FOR UPDATE" },
    found.resourceId,
  );
  const [claim] = await run<{ answered: boolean; resourceId: string | null }>(
    { text: `SELECT answer IS NOT NULL AS answered, resource_id AS "resourceId" ${named} FOR UPDATE` },
    partner,
    key,
    operationId,
  );
  if (!claim || claim.resourceId !== found.resourceId) return undefined;
  if (claim.answered) throw new StoreError("conflict", "the claim has its answer and cannot be given back");
  if (intent && intent.version !== 1) {
    throw new StoreError("conflict", "the claim's resource has moved, so it cannot be given back");
  }
  if (intent) {
    for (const table of ["transitions", "asks", "touches"]) {
      await run({ text: `DELETE FROM ${table} WHERE resource_id = $1` }, found.resourceId);
    }
    await run({ text: "DELETE FROM resources WHERE id = $1" }, found.resourceId);
  }
  await run({ text: "DELETE FROM touches WHERE partner = $1 AND key = $2" }, partner, key);
  await run({ text: `DELETE ${named}` }, partner, key, operationId);
  return undefined;
}
