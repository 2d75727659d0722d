import type { Sql } from "./sqlite-batch.ts";
import { pageOf, wasAppended, wereDeleted } from "./sqlite-lists.ts";
import { seqAfter } from "./sqlite-pages.ts";
import type { EventPageUnit, PruneEventsUnit, PrunedEvents, SealedEvent } from "./units-webhooks.ts";

const columns = `e.id, e.partner, e.resource_id AS resourceId, e.version, e.type, e.data, e.created_at_ms AS createdAtMs`;

/** Endpoints of a partner (?1) that get what is new and want a type (?2). */
export const wanting = `FROM endpoints p WHERE p.partner = ?1 AND p.status IN ('active', 'paused')
  AND EXISTS (SELECT 1 FROM json_each(p.types) t WHERE t.value IN ('*', ?2))`;

const insertDeliveries = `INSERT INTO deliveries
    (id, event_id, endpoint_id, partner, resource_id, version, status, next_attempt_at_ms, due_at_ms)
  SELECT ?3 || ':' || p.id, ?3, p.id, p.partner, ?4, ?5, 'pending', ?6,
    CASE WHEN NOT EXISTS (SELECT 1 FROM deliveries q
      WHERE q.endpoint_id = p.id AND q.resource_id = ?4 AND q.status = 'pending') THEN ?6 END
  ${wanting}`;

/** The event, and a delivery to each endpoint that wants it; at once due where nothing of the resource is pending. */
export function writeEvent(sql: Sql, told: SealedEvent): void {
  const seq = sql.insert(
    `INSERT INTO events (id, partner, resource_id, version, type, data, created_at_ms) VALUES (?, ?, ?, ?, ?, ?, ?)`,
    told.id,
    told.partner,
    told.resourceId,
    told.version,
    told.type,
    told.data,
    told.createdAtMs,
  );
  wasAppended(sql, "events", seq);
  sql.run(insertDeliveries, told.partner, told.type, told.id, told.resourceId, told.version, told.createdAtMs);
}

export function event(sql: Sql, { id }: { id: string }): SealedEvent | undefined {
  return sql.one(`SELECT ${columns} FROM events e WHERE e.id = ?`, id);
}

/** A page in the order of commit. */
export function events(sql: Sql, { partner, type, resourceId, limit, afterId }: EventPageUnit): SealedEvent[] {
  const after = seqAfter(sql, "SELECT seq FROM events WHERE id = ? AND partner = ?", afterId, partner);
  const page =
    (from: string, ...names: string[]) =>
    (afterSeq: number, upTo: number) =>
      sql.all<SealedEvent>(`SELECT ${columns} FROM ${from} ORDER BY seq LIMIT ?`, ...names, afterSeq, upTo);
  if (resourceId !== undefined) {
    // A resource has few, and an index of its own.
    const ofType = type === undefined ? [] : [type];
    const where = `e.resource_id = ? AND e.partner = ?${type === undefined ? "" : " AND e.type = ?"} AND e.seq > ?`;
    return page(`events e WHERE ${where}`, resourceId, partner, ...ofType)(after, limit);
  }
  const ask =
    type === undefined
      ? {
          listed: page("event_list l CROSS JOIN events e USING (seq) WHERE l.partner = ? AND l.seq > ?", partner),
          unlisted: page("events e WHERE e.partner = ? AND e.seq > ?", partner),
        }
      : {
          listed: page(
            "event_type_list l CROSS JOIN events e USING (seq) WHERE l.partner = ? AND l.type = ? AND l.seq > ?",
            partner,
            type,
          ),
          unlisted: page("events e WHERE e.partner = ? AND e.type = ? AND e.seq > ?", partner, type),
        };
  return pageOf(sql, "events", { afterSeq: after, limit }, ask);
}

/** A bounded walk over the oldest events; one that is still being delivered stays. */
export function pruneEvents(sql: Sql, { beforeMs, afterSeq, maxRows }: PruneEventsUnit): PrunedEvents {
  const rows = sql.all<{ seq: number; id: string; partner: string; type: string; createdAtMs: number }>(
    "SELECT seq, id, partner, type, created_at_ms AS createdAtMs FROM events WHERE seq > ? ORDER BY seq LIMIT ?",
    afterSeq,
    maxRows,
  );
  const old = rows.findIndex((row) => row.createdAtMs > beforeMs);
  const aged = old === -1 ? rows : rows.slice(0, old);
  const done = aged.filter(
    ({ id }) => !sql.one("SELECT 1 FROM deliveries WHERE event_id = ? AND status = 'pending'", id),
  );
  for (const { seq, id, partner, type } of done) {
    sql.run("DELETE FROM attempts WHERE delivery_id IN (SELECT id FROM deliveries WHERE event_id = ?)", id);
    sql.run("DELETE FROM deliveries WHERE event_id = ?", id);
    sql.run("DELETE FROM event_list WHERE partner = ? AND seq = ?", partner, seq);
    sql.run("DELETE FROM event_type_list WHERE partner = ? AND type = ? AND seq = ?", partner, type, seq);
    sql.run("DELETE FROM events WHERE seq = ?", seq);
  }
  wereDeleted(sql, "events");
  return { events: done.length, lastSeq: aged.length < maxRows ? null : (aged.at(-1)?.seq ?? null) };
}
