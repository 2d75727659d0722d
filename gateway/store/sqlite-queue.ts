import type { Sql } from "./sqlite-batch.ts";

/** The pending deliveries of one resource's events to one endpoint, in the order of versions. */
export interface Queue {
  endpointId: string;
  resourceId: string;
}

/**
 * Gives the earliest of a queue its turn, and takes it from any other; one that is leased keeps it. Returns the id of the
 * one whose turn it is, undefined for an empty queue.
 */
export function seatHead(sql: Sql, { endpointId, resourceId }: Queue, nowMs: number): string | undefined {
  const seated = sql.one<{ id: string; leasedUntilMs: number | null }>(
    `SELECT id, leased_until_ms AS leasedUntilMs FROM deliveries
     WHERE endpoint_id = ? AND resource_id = ? AND due_at_ms IS NOT NULL`,
    endpointId,
    resourceId,
  );
  if (seated?.leasedUntilMs && seated.leasedUntilMs > nowMs) return seated.id;
  const head = sql.one<{ id: string }>(
    `SELECT id FROM deliveries WHERE endpoint_id = ? AND resource_id = ? AND status = 'pending'
     ORDER BY version LIMIT 1`,
    endpointId,
    resourceId,
  );
  if (seated && seated.id !== head?.id) {
    sql.run("UPDATE deliveries SET due_at_ms = NULL, leased_until_ms = NULL WHERE id = ?", seated.id);
  }
  if (head) {
    sql.run("UPDATE deliveries SET due_at_ms = next_attempt_at_ms, leased_until_ms = NULL WHERE id = ?", head.id);
  }
  return head?.id;
}
