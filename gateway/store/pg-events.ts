import type { Run } from "./pg-link.ts";
import { seqAfter } from "./pg-pages.ts";
import type { EventPageUnit, PruneEventsUnit, PrunedEvents, SealedEvent } from "./units-webhooks.ts";

const columns = `id, partner, resource_id AS "resourceId", version, type, data, created_at_ms AS "createdAtMs"`;

export async function event(run: Run, { id }: { id: string }): Promise<SealedEvent | undefined> {
  const [row] = await eventsOf(run, [id]);
  return row;
}

/** Those of the ids that are there, in any order. */
export function eventsOf(run: Run, ids: string[]): Promise<SealedEvent[]> {
  return run({ text: `SELECT ${columns} FROM events WHERE id = ANY ($1)` }, ids);
}

/** A page in the order of commit. */
export async function events(
  run: Run,
  { partner, type, resourceId, limit, afterId }: EventPageUnit,
): Promise<SealedEvent[]> {
  const after = await seqAfter(run, "SELECT seq FROM events WHERE id = $1 AND partner = $2", afterId, partner);
  const terms = ["partner = $1", "seq > $2"];
  const values: (string | number)[] = [partner, after, limit];
  for (const [column, value] of [["type", type] as const, ["resource_id", resourceId] as const]) {
    if (value !== undefined) terms.push(`${column} = $${values.push(value)}`);
  }
  return run({ text: `SELECT ${columns} FROM events WHERE ${terms.join(" AND ")} ORDER BY seq LIMIT $3` }, ...values);
}

/** A bounded walk over the oldest events; one that is still being delivered stays. */
export async function pruneEvents(run: Run, { beforeMs, afterSeq, maxRows }: PruneEventsUnit): Promise<PrunedEvents> {
  const rows = await run<{ seq: number; id: string; createdAtMs: number }>(
    { text: `SELECT seq, id, created_at_ms AS "createdAtMs" FROM events WHERE seq > $1 ORDER BY seq LIMIT $2` },
    afterSeq,
    maxRows,
  );
  const young = rows.findIndex((row) => row.createdAtMs > beforeMs);
  const aged = young === -1 ? rows : rows.slice(0, young);
  const [gone] = await run<{ events: number }>(
    {
      text: `WITH gone AS (
          DELETE FROM events WHERE id = ANY ($1)
            AND NOT EXISTS (SELECT FROM deliveries AS d WHERE d.event_id = events.id AND d.status = 'pending')
          RETURNING id
        ),
        delivery AS (DELETE FROM deliveries USING gone WHERE deliveries.event_id = gone.id RETURNING deliveries.id),
        attempt AS (DELETE FROM attempts USING delivery WHERE attempts.delivery_id = delivery.id)
        SELECT count(*) AS events FROM gone`,
    },
    aged.map((row) => row.id),
  );
  return { events: gone?.events ?? 0, lastSeq: aged.length < maxRows ? null : (aged.at(-1)?.seq ?? null) };
}
