import type { Sql } from "./sqlite-batch.ts";
import { seqAfter } from "./sqlite-pages.ts";
import type { EventPageUnit, PruneEventsUnit, PrunedEvents, SealedEvent } from "./units-webhooks.ts";

const columns = `id, partner, resource_id AS resourceId, version, type, data, created_at_ms AS createdAtMs`;

/** Endpoints of a partner (?1) that get what is new and want a type (?2). */
export const wanting = `FROM endpoints p WHERE p.partner = ?1 AND p.status IN ('active', 'paused')
  AND EXISTS (SELECT 1 FROM json_each(p.types) t WHERE t.value IN ('*', ?2))`;

/** The event, and a delivery to each endpoint that wants it; at once due where nothing of the resource is pending. */
export function writeEvent(sql: Sql, told: SealedEvent): void {
  sql.run(
    `INSERT INTO events (id, partner, resource_id, version, type, data, created_at_ms) VALUES (?, ?, ?, ?, ?, ?, ?)`,
    told.id,
    told.partner,
    told.resourceId,
    told.version,
    told.type,
    told.data,
    told.createdAtMs,
  );
  sql.run(
    `INSERT INTO deliveries
       (id, event_id, endpoint_id, partner, resource_id, version, status, next_attempt_at_ms, due_at_ms)
     SELECT ?3 || ':' || p.id, ?3, p.id, p.partner, ?4, ?5, 'pending', ?6,
       CASE WHEN NOT EXISTS (SELECT 1 FROM deliveries q
         WHERE q.endpoint_id = p.id AND q.resource_id = ?4 AND q.status = 'pending') THEN ?6 END
     ${wanting}`,
    told.partner,
    told.type,
    told.id,
    told.resourceId,
    told.version,
    told.createdAtMs,
  );
}

export function event(sql: Sql, { id }: { id: string }): SealedEvent | undefined {
  return sql.one(`SELECT ${columns} FROM events WHERE id = ?`, id);
}

/** A page in the order of commit. */
export function events(sql: Sql, { partner, type, resourceId, limit, afterId }: EventPageUnit): SealedEvent[] {
  const after = seqAfter(sql, "SELECT seq FROM events WHERE id = ? AND partner = ?", afterId, partner);
  const filters = [
    ...(type === undefined ? [] : [{ term: "type = ?", value: type }]),
    ...(resourceId === undefined ? [] : [{ term: "resource_id = ?", value: resourceId }]),
  ];
  return sql.all(
    `SELECT ${columns} FROM events WHERE ${filters.map(({ term }) => `${term} AND `).join("")} partner = ? AND seq > ?
     ORDER BY seq LIMIT ?`,
    ...filters.map(({ value }) => value),
    partner,
    after,
    limit,
  );
}

/** A bounded walk over the oldest events; one that is still being delivered stays. */
export function pruneEvents(sql: Sql, { beforeMs, afterSeq, maxRows }: PruneEventsUnit): PrunedEvents {
  const rows = sql.all<{ seq: number; id: string; createdAtMs: number }>(
    "SELECT seq, id, created_at_ms AS createdAtMs FROM events WHERE seq > ? ORDER BY seq LIMIT ?",
    afterSeq,
    maxRows,
  );
  const old = rows.findIndex((row) => row.createdAtMs > beforeMs);
  const aged = old === -1 ? rows : rows.slice(0, old);
  const done = aged.filter(
    ({ id }) => !sql.one("SELECT 1 FROM deliveries WHERE event_id = ? AND status = 'pending'", id),
  );
  for (const { seq, id } of done) {
    sql.run("DELETE FROM attempts WHERE delivery_id IN (SELECT id FROM deliveries WHERE event_id = ?)", id);
    sql.run("DELETE FROM deliveries WHERE event_id = ?", id);
    sql.run("DELETE FROM events WHERE seq = ?", seq);
  }
  return { events: done.length, lastSeq: aged.length < maxRows ? null : (aged.at(-1)?.seq ?? null) };
}
