import { StoreError } from "./errors.ts";
import { dropAsks, replaceAsk } from "./sqlite-asks.ts";
import type { Sql } from "./sqlite-batch.ts";
import { writeEvent } from "./sqlite-events.ts";
import { pageOf, wasAppended, wereDeleted } from "./sqlite-lists.ts";
import { seqAfter } from "./sqlite-pages.ts";
import type {
  AdvanceUnit,
  NewSealedResource,
  PageUnit,
  ResourceName,
  SealedMovement,
  SealedResource,
  TransitionRow,
} from "./units.ts";

/** A SealedResource, of resources as `r`. */
export const resourceColumns = `r.id, r.kind, r.partner, r.adapter, r.operation_id AS operationId, r.reference, r.status, r.version,
  r.body, r.state, r.cause, r.created_at_ms AS createdAtMs, r.updated_at_ms AS updatedAtMs`;

const creation = "created";

interface Standing {
  seq: number;
  partner: string;
  adapter: string;
  status: string;
  version: number;
  intentAskAtMs: number | null;
}

/** One resource by its id, by our reference, or by a handle of its vendor. */
export function resource(sql: Sql, name: ResourceName): SealedResource | undefined {
  if ("id" in name) return sql.one(`SELECT ${resourceColumns} FROM resources r WHERE r.id = ?`, name.id);
  if ("referenceIndex" in name) {
    return sql.one(`SELECT ${resourceColumns} FROM resources r WHERE r.reference_index = ?`, name.referenceIndex);
  }
  return sql.one(
    `SELECT ${resourceColumns} FROM handles h JOIN resources r ON r.id = h.resource_id WHERE h.adapter = ? AND h.handle = ?`,
    name.adapter,
    name.handle,
  );
}

/** A page in the order of creation. */
export function resources(sql: Sql, { partner, kind, limit, afterId }: PageUnit): SealedResource[] {
  const cursor = "SELECT seq FROM resources WHERE id = ? AND partner = ? AND kind = ?";
  const afterSeq = seqAfter(sql, cursor, afterId, partner, kind);
  const page = (from: string) => (after: number, upTo: number) =>
    sql.all<SealedResource>(`SELECT ${resourceColumns} FROM ${from} ORDER BY seq LIMIT ?`, partner, kind, after, upTo);
  return pageOf(
    sql,
    "resources",
    { afterSeq, limit },
    {
      listed: page(
        "resource_list l CROSS JOIN resources r USING (seq) WHERE l.partner = ? AND l.kind = ? AND l.seq > ?",
      ),
      unlisted: page("resources r WHERE r.partner = ? AND r.kind = ? AND r.seq > ?"),
    },
  );
}

/** A resource's history, oldest first. */
export function transitions(sql: Sql, { id }: { id: string }): TransitionRow[] {
  return sql.all(
    `SELECT resource_id AS resourceId, version, from_status AS "from", to_status AS "to", cause, at_ms AS atMs
     FROM transitions WHERE resource_id = ? ORDER BY version`,
    id,
  );
}

/** The intent, at version 1. */
export function createResource(sql: Sql, made: NewSealedResource, claimedUntilMs: number): void {
  const seq = sql.insert(
    `INSERT INTO resources (id, kind, partner, adapter, operation_id, reference_index, reference, status, version, body,
       cause, created_at_ms, updated_at_ms, claimed_until_ms, intent_ask_at_ms)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?, ?11, ?11, ?, ?)`,
    made.id,
    made.kind,
    made.partner,
    made.adapter,
    made.operationId,
    made.referenceIndex,
    made.reference,
    made.status,
    made.body,
    creation,
    made.createdAtMs,
    claimedUntilMs,
    made.askAtMs,
  );
  wasAppended(sql, "resources", seq);
  recordTransition(sql, made.id, 1, null, made.status, creation, made.createdAtMs);
}

/** Gives an intent at version 1 to another adapter. */
export function reroute(sql: Sql, { id, adapter }: { id: string; adapter: string }): boolean {
  return sql.run("UPDATE resources SET adapter = ? WHERE id = ? AND version = 1", adapter, id) === 1;
}

/** Forward by one, from exactly the expected version; false when it stands elsewhere or is not there. */
export function advance(sql: Sql, unit: AdvanceUnit): boolean {
  const now = standingOf(sql, unit.id);
  if (now?.version !== unit.expectedVersion) return false;
  move(sql, unit, now, unit.nowMs);
  return true;
}

/** From version 1 forward; from a later one only what it lacks is added. */
export function settleResource(sql: Sql, movement: SealedMovement, nowMs: number): void {
  const now = standingOf(sql, movement.id);
  if (!now) throw new StoreError("conflict", `there is no resource ${movement.id} to complete`);
  if (now.version === 1) {
    move(sql, movement, now, nowMs);
    return;
  }
  if (movement.state)
    sql.run("UPDATE resources SET state = ? WHERE id = ? AND state IS NULL", movement.state, movement.id);
  addHandles(sql, movement, now.adapter);
}

/** Deletes a resource that nothing has happened to; false when something has. One that is gone is no objection. */
export function dropIntent(sql: Sql, id: string): boolean {
  const now = standingOf(sql, id);
  if (!now) return true;
  if (now.version !== 1) return false;
  dropAsks(sql, id);
  deleteResource(sql, id);
  wereDeleted(sql, "resources");
  return true;
}

/** A resource with its history and its names; after the last one the caller says so to the lists (`wereDeleted`). */
export function deleteResource(sql: Sql, id: string): void {
  sql.run("DELETE FROM transitions WHERE resource_id = ?", id);
  sql.run("DELETE FROM handles WHERE resource_id = ?", id);
  sql.run(
    `DELETE FROM resource_list WHERE (partner, kind, seq) IN (SELECT partner, kind, seq FROM resources WHERE id = ?)`,
    id,
  );
  sql.run("DELETE FROM resources WHERE id = ?", id);
}

function standingOf(sql: Sql, id: string): Standing | undefined {
  return sql.one(
    "SELECT seq, partner, adapter, status, version, intent_ask_at_ms AS intentAskAtMs FROM resources WHERE id = ?",
    id,
  );
}

function move(sql: Sql, movement: SealedMovement, from: Standing, nowMs: number): void {
  const version = from.version + 1;
  sql.run(
    `UPDATE resources SET status = ?, body = ?, state = coalesce(?, state), cause = ?, version = ?, updated_at_ms = ?,
       intent_ask_at_ms = NULL
     WHERE seq = ?`,
    movement.status,
    movement.body,
    movement.state,
    movement.cause,
    version,
    nowMs,
    from.seq,
  );
  recordTransition(sql, movement.id, version, from.status, movement.status, movement.cause, nowMs);
  addHandles(sql, movement, from.adapter);
  // With an ask of its own row, it has none in asks.
  if (movement.askAtMs !== null || from.intentAskAtMs === null) replaceAsk(sql, movement);
  if (movement.event) {
    const of = { partner: from.partner, resourceId: movement.id, version, createdAtMs: nowMs };
    writeEvent(sql, { ...movement.event, ...of });
  }
}

function addHandles(sql: Sql, { id, handles }: SealedMovement, adapter: string): void {
  for (const handle of handles) {
    const added = sql.run(
      "INSERT INTO handles (adapter, handle, resource_id) VALUES (?, ?, ?) ON CONFLICT (adapter, handle) DO NOTHING",
      adapter,
      handle,
      id,
    );
    if (added === 1) continue;
    const owner = sql.one<{ id: string }>(
      "SELECT resource_id AS id FROM handles WHERE adapter = ? AND handle = ?",
      adapter,
      handle,
    );
    if (owner?.id !== id) throw new StoreError("conflict", `a handle of ${id} belongs to another resource`);
  }
}

function recordTransition(
  sql: Sql,
  id: string,
  version: number,
  from: string | null,
  to: string,
  cause: string,
  atMs: number,
): void {
  sql.run(
    "INSERT INTO transitions (resource_id, version, from_status, to_status, cause, at_ms) VALUES (?, ?, ?, ?, ?, ?)",
    id,
    version,
    from,
    to,
    cause,
    atMs,
  );
}
