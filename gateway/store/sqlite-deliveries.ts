import type { Sql } from "./sqlite-batch.ts";
import { endpoint } from "./sqlite-endpoints.ts";
import { event, wanting } from "./sqlite-events.ts";
import { seatHead, type Queue } from "./sqlite-queue.ts";
import type { DeliveryRow } from "./store-webhooks.ts";
import type {
  AttemptUnitRow,
  DueDeliveriesUnit,
  SealedDueDelivery,
  SettleDeliveryUnit,
  WebhookUnits,
} from "./units-webhooks.ts";

const columns = `id, event_id AS eventId, endpoint_id AS endpointId, partner, status, attempts,
  next_attempt_at_ms AS nextAttemptAtMs`;

interface Standing extends Queue {
  status: DeliveryRow["status"];
  attempts: number;
  leasedUntilMs: number | null;
}

/** Endpoints that anything is waiting for, one step along the index each, however much waits. */
const waiting = `WITH RECURSIVE waiting (id) AS (
    SELECT min(endpoint_id) FROM deliveries WHERE due_at_ms IS NOT NULL
    UNION ALL
    SELECT (SELECT min(endpoint_id) FROM deliveries WHERE due_at_ms IS NOT NULL AND endpoint_id > waiting.id)
    FROM waiting WHERE waiting.id IS NOT NULL
  )`;

/** An event's deliveries, by endpoint. */
export function deliveries(sql: Sql, { eventId }: { eventId: string }): DeliveryRow[] {
  return sql.all(`SELECT ${columns} FROM deliveries WHERE event_id = ? ORDER BY seq`, eventId);
}

export function attempts(sql: Sql, { deliveryId }: { deliveryId: string }): AttemptUnitRow[] {
  return sql.all(
    `SELECT delivery_id AS deliveryId, number, at_ms AS atMs, duration_ms AS durationMs, status, error
     FROM attempts WHERE delivery_id = ? ORDER BY number`,
    deliveryId,
  );
}

/** Leases what is due; see WebhookStore.dueDeliveries. */
export function dueDeliveries(sql: Sql, unit: DueDeliveriesUnit): SealedDueDelivery[] {
  const { nowMs, leaseUntilMs, limit, exceptEndpoints } = unit;
  const due = sql.all<DeliveryRow & Queue & { leasedUntilMs: number | null }>(
    `${waiting}
     SELECT ${columns}, resource_id AS resourceId, leased_until_ms AS leasedUntilMs FROM deliveries WHERE seq IN (
       SELECT d.seq FROM waiting w CROSS JOIN endpoints p ON p.id = w.id AND p.status = 'active'
       CROSS JOIN deliveries d ON d.seq IN (
         SELECT x.seq FROM deliveries x WHERE x.endpoint_id = p.id AND x.due_at_ms <= ?1
         ORDER BY x.due_at_ms LIMIT ?2)
       WHERE p.id NOT IN (SELECT value FROM json_each(?3))
       ORDER BY d.due_at_ms, d.seq LIMIT ?2)
     ORDER BY due_at_ms, seq`,
    nowMs,
    limit,
    JSON.stringify(exceptEndpoints),
  );
  return due.flatMap(({ resourceId, leasedUntilMs, ...delivery }) => {
    const queue = { endpointId: delivery.endpointId, resourceId };
    // Its lease ran out: what was sent again meanwhile may be earlier in its queue.
    if (leasedUntilMs !== null && seatHead(sql, queue, nowMs) !== delivery.id) return [];
    sql.run("UPDATE deliveries SET due_at_ms = ?1, leased_until_ms = ?1 WHERE id = ?2", leaseUntilMs, delivery.id);
    const told = event(sql, { id: delivery.eventId });
    const to = endpoint(sql, { id: delivery.endpointId });
    return told && to ? [{ delivery, event: told, endpoint: to }] : [];
  });
}

/** The attempt, and what follows from it; see WebhookStore.settleDelivery. */
export function settleDelivery(sql: Sql, unit: SettleDeliveryUnit): undefined {
  const { id, leaseUntilMs, attempt, outcome, nextAttemptAtMs, nowMs } = unit;
  const now = sql.one<Standing>(
    `SELECT endpoint_id AS endpointId, resource_id AS resourceId, status, attempts, leased_until_ms AS leasedUntilMs
     FROM deliveries WHERE id = ?`,
    id,
  );
  if (!now) return undefined;
  recordAttempt(sql, id, now.attempts + 1, attempt);
  const ours = now.status === "pending" && now.leasedUntilMs === leaseUntilMs;
  if (!ours && outcome !== "delivered") return undefined;
  if (outcome === "retry") {
    sql.run(
      "UPDATE deliveries SET next_attempt_at_ms = ?1, due_at_ms = ?1, leased_until_ms = NULL WHERE id = ?2",
      nextAttemptAtMs,
      id,
    );
  } else {
    const status = outcome === "delivered" ? "delivered" : "given_up";
    sql.run("UPDATE deliveries SET status = ?, due_at_ms = NULL, leased_until_ms = NULL WHERE id = ?", status, id);
  }
  if (outcome === "gone") {
    sql.run(
      "UPDATE endpoints SET status = 'disabled', disabled_because = 'gone', updated_at_ms = ? WHERE id = ?",
      nowMs,
      now.endpointId,
    );
  }
  seatHead(sql, now, nowMs);
  return undefined;
}

/** Pending anew, under the same id; see WebhookStore.resend. */
export function resend(sql: Sql, { eventId, endpointId, nowMs }: WebhookUnits["resend"]["input"]): boolean {
  const told = event(sql, { id: eventId });
  if (!told) return false;
  const to =
    endpointId === undefined
      ? sql.all<{ id: string }>(`SELECT p.id ${wanting}`, told.partner, told.type)
      : sql.all<{ id: string }>("SELECT id FROM endpoints WHERE partner = ? AND id = ?", told.partner, endpointId);
  for (const { id } of to) {
    sql.run(
      `INSERT INTO deliveries (id, event_id, endpoint_id, partner, resource_id, version, status, next_attempt_at_ms)
       VALUES (?1 || ':' || ?2, ?1, ?2, ?3, ?4, ?5, 'pending', ?6)
       ON CONFLICT (id) DO UPDATE SET status = 'pending', next_attempt_at_ms = ?6
       WHERE leased_until_ms IS NULL OR leased_until_ms <= ?6`,
      eventId,
      id,
      told.partner,
      told.resourceId,
      told.version,
      nowMs,
    );
    seatHead(sql, { endpointId: id, resourceId: told.resourceId }, nowMs);
  }
  return endpointId === undefined || to.length === 1;
}

/** Counts the pending ones along their index; the oldest due one is found without. */
export function backlog(sql: Sql, { nowMs }: { nowMs: number }): WebhookUnits["backlog"]["output"] {
  const counted = sql.one<{ pending: number }>("SELECT count(*) AS pending FROM deliveries WHERE status = 'pending'");
  const oldest = sql.one<{ oldestDueAtMs: number | null }>(
    `${waiting}
     SELECT min((SELECT min(d.due_at_ms) FROM deliveries d WHERE d.endpoint_id = p.id AND d.due_at_ms <= ?))
       AS oldestDueAtMs
     FROM waiting w CROSS JOIN endpoints p ON p.id = w.id AND p.status = 'active'`,
    nowMs,
  );
  return { pending: counted?.pending ?? 0, oldestDueAtMs: oldest?.oldestDueAtMs ?? null };
}

function recordAttempt(sql: Sql, id: string, number: number, attempt: SettleDeliveryUnit["attempt"]): void {
  sql.run(
    "INSERT INTO attempts (delivery_id, number, at_ms, duration_ms, status, error) VALUES (?, ?, ?, ?, ?, ?)",
    id,
    number,
    attempt.atMs,
    attempt.durationMs,
    attempt.status ?? null,
    attempt.error ?? null,
  );
  sql.run("UPDATE deliveries SET attempts = ? WHERE id = ?", number, id);
}
