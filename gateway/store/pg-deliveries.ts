import { endpointsOf } from "./pg-endpoints.ts";
import { event, eventsOf } from "./pg-events.ts";
import type { Run } from "./pg-link.ts";
import { seatHead, type Queue } from "./pg-queue.ts";
import type { DeliveryRow } from "./store-webhooks.ts";
import type {
  AttemptUnitRow,
  DueDeliveriesUnit,
  SealedDueDelivery,
  SettleDeliveryUnit,
  WebhookUnits,
} from "./units-webhooks.ts";

const columns = `d.id, d.event_id AS "eventId", d.endpoint_id AS "endpointId", d.partner, d.status, d.attempts,
  d.next_attempt_at_ms AS "nextAttemptAtMs"`;

interface Standing extends Queue {
  status: DeliveryRow["status"];
  attempts: number;
  leasedUntilMs: number | null;
}

/** Endpoints that anything is waiting for, one step along the index each, however much waits. */
const waiting = `waiting (id) AS (
    SELECT min(endpoint_id) FROM deliveries WHERE due_at_ms IS NOT NULL
    UNION ALL
    SELECT (SELECT min(endpoint_id) FROM deliveries WHERE due_at_ms IS NOT NULL AND endpoint_id > waiting.id)
    FROM waiting WHERE waiting.id IS NOT NULL
  )`;

/** An event's deliveries, by endpoint. */
export function deliveries(run: Run, { eventId }: { eventId: string }): Promise<DeliveryRow[]> {
  return run({ text: `SELECT ${columns} FROM deliveries AS d WHERE d.event_id = $1 ORDER BY d.seq` }, eventId);
}

export function attempts(run: Run, { deliveryId }: { deliveryId: string }): Promise<AttemptUnitRow[]> {
  return run(
    {
      text: `SELECT delivery_id AS "deliveryId", number, at_ms AS "atMs", duration_ms AS "durationMs", status, error
        FROM attempts WHERE delivery_id = $1 ORDER BY number`,
    },
    deliveryId,
  );
}

/**
 * $1 now, $2 limit, $3 endpoints passed over. Of each endpoint more than the limit is looked at, so that an instance finds
 * something behind what another one is leasing at the moment (SKIP LOCKED); only what is returned is locked.
 */
export const pickDueDeliveries = `
  WITH RECURSIVE ${waiting}
  SELECT ${columns}, d.resource_id AS "resourceId", d.leased_until_ms AS "leasedUntilMs"
  FROM waiting JOIN endpoints AS p ON p.id = waiting.id AND p.status = 'active'
  CROSS JOIN LATERAL (
    SELECT x.id FROM deliveries AS x WHERE x.endpoint_id = p.id AND x.due_at_ms <= $1 ORDER BY x.due_at_ms LIMIT 4 * $2
  ) AS candidate
  JOIN deliveries AS d ON d.id = candidate.id
  WHERE d.due_at_ms <= $1 AND p.id <> ALL ($3::text[])
  ORDER BY d.due_at_ms, d.seq LIMIT $2 FOR UPDATE OF d SKIP LOCKED`;

/** Leases what is due; see WebhookStore.dueDeliveries. */
export async function dueDeliveries(run: Run, unit: DueDeliveriesUnit): Promise<SealedDueDelivery[]> {
  const { nowMs, leaseUntilMs, limit, exceptEndpoints } = unit;
  const picked = await run<DeliveryRow & Queue & { leasedUntilMs: number | null }>(
    { text: pickDueDeliveries },
    nowMs,
    limit,
    exceptEndpoints,
  );
  const due: DeliveryRow[] = [];
  for (const { resourceId, leasedUntilMs, ...delivery } of picked) {
    // Its lease ran out: what was sent again meanwhile may be earlier in its queue.
    const queue = { endpointId: delivery.endpointId, resourceId };
    if (leasedUntilMs === null || (await seatHead(run, queue, nowMs)) === delivery.id) due.push(delivery);
  }
  if (due.length === 0) return [];
  await run(
    { text: "UPDATE deliveries SET due_at_ms = $1, leased_until_ms = $1 WHERE id = ANY ($2)" },
    leaseUntilMs,
    due.map((delivery) => delivery.id),
  );
  const told = byId(await eventsOf(run, [...new Set(due.map((delivery) => delivery.eventId))]));
  const to = byId(await endpointsOf(run, [...new Set(due.map((delivery) => delivery.endpointId))]));
  return due.flatMap((delivery) => {
    const [of, at] = [told.get(delivery.eventId), to.get(delivery.endpointId)];
    return of && at ? [{ delivery, event: of, endpoint: at }] : [];
  });
}

/** The attempt, and what follows from it; see WebhookStore.settleDelivery. */
export async function settleDelivery(run: Run, unit: SettleDeliveryUnit): Promise<undefined> {
  const { id, leaseUntilMs, attempt, outcome, nextAttemptAtMs, nowMs } = unit;
  const [now] = await run<Standing>(
    {
      text: `SELECT endpoint_id AS "endpointId", resource_id AS "resourceId", status, attempts,
          leased_until_ms AS "leasedUntilMs"
        FROM deliveries WHERE id = $1 FOR UPDATE`,
    },
    id,
  );
  if (!now) return undefined;
  const ours = now.status === "pending" && now.leasedUntilMs === leaseUntilMs;
  const settles = ours || outcome === "delivered";
  const retries = settles && outcome === "retry";
  const ended = outcome === "delivered" ? "delivered" : "given_up";
  await run(
    {
      text: `WITH attempt AS (
          INSERT INTO attempts (delivery_id, number, at_ms, duration_ms, status, error)
          VALUES ($1, $2, $3, $4, $5, $6)
        )
        UPDATE deliveries SET attempts = $2, status = coalesce($7, status),
          next_attempt_at_ms = coalesce($8, next_attempt_at_ms),
          due_at_ms = CASE WHEN $9 THEN $8 ELSE due_at_ms END,
          leased_until_ms = CASE WHEN $9 THEN NULL ELSE leased_until_ms END
        WHERE id = $1`,
    },
    id,
    now.attempts + 1,
    attempt.atMs,
    attempt.durationMs,
    attempt.status,
    attempt.error,
    settles && !retries ? ended : null,
    retries ? nextAttemptAtMs : null,
    settles,
  );
  if (!settles) return undefined;
  if (outcome === "gone") {
    await run(
      {
        text: `UPDATE endpoints SET status = 'disabled', disabled_because = 'gone', updated_at_ms = $2 WHERE id = $1`,
      },
      now.endpointId,
      nowMs,
    );
  }
  await seatHead(run, now, nowMs);
  return undefined;
}

/** Pending anew, under the same id; see WebhookStore.resend. */
export async function resend(
  run: Run,
  { eventId, endpointId, nowMs }: WebhookUnits["resend"]["input"],
): Promise<boolean> {
  const told = await event(run, { id: eventId });
  if (!told) return false;
  const wanted = `id = $3 OR ($3 IS NULL AND status IN ('active', 'paused') AND types && ARRAY[$2, '*'])`;
  const to = await run<{ id: string }>(
    { text: `SELECT id FROM endpoints WHERE partner = $1 AND (${wanted}) ORDER BY id FOR KEY SHARE` },
    told.partner,
    told.type,
    endpointId,
  );
  for (const { id } of to) {
    await run(
      {
        text: `INSERT INTO deliveries
            (id, event_id, endpoint_id, partner, resource_id, version, status, next_attempt_at_ms)
          VALUES ($1 || ':' || $2, $1, $2, $3, $4, $5, 'pending', $6)
          ON CONFLICT (id) DO UPDATE SET status = 'pending', next_attempt_at_ms = $6
          WHERE deliveries.leased_until_ms IS NULL OR deliveries.leased_until_ms <= $6`,
      },
      eventId,
      id,
      told.partner,
      told.resourceId,
      told.version,
      nowMs,
    );
    await seatHead(run, { endpointId: id, resourceId: told.resourceId }, nowMs);
  }
  return endpointId === undefined || to.length === 1;
}

/** Counts the pending ones along their index; the oldest due one is found without. */
export async function backlog(run: Run, { nowMs }: { nowMs: number }): Promise<WebhookUnits["backlog"]["output"]> {
  const [found] = await run<WebhookUnits["backlog"]["output"]>(
    {
      text: `WITH RECURSIVE ${waiting}
        SELECT (SELECT count(*) FROM deliveries WHERE status = 'pending') AS pending,
          (SELECT min((SELECT min(d.due_at_ms) FROM deliveries AS d WHERE d.endpoint_id = p.id AND d.due_at_ms <= $1))
           FROM waiting JOIN endpoints AS p ON p.id = waiting.id AND p.status = 'active') AS "oldestDueAtMs"`,
    },
    nowMs,
  );
  return found ?? { pending: 0, oldestDueAtMs: null };
}

function byId<Row extends { id: string }>(rows: Row[]): Map<string, Row> {
  return new Map(rows.map((row) => [row.id, row]));
}
