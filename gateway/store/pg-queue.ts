import type { Run } from "./pg-link.ts";

/** The pending deliveries of one resource's events to one endpoint, in the order of versions. */
export interface Queue {
  endpointId: string;
  resourceId: string;
}

/**
 * Gives the earliest of a queue its turn, and takes it from any other; one that is leased keeps it. Returns the id of the
 * one whose turn it is, undefined for an empty queue. What is pending is locked first; a movement that adds to the
 * queue does so too, and one that found it empty meets the unique index of heads.
 */
export async function seatHead(
  run: Run,
  { endpointId, resourceId }: Queue,
  nowMs: number,
): Promise<string | undefined> {
  const queue = await run<{ id: string; dueAtMs: number | null; leasedUntilMs: number | null }>(
    {
      text: `SELECT id, due_at_ms AS "dueAtMs", leased_until_ms AS "leasedUntilMs" FROM deliveries
        WHERE endpoint_id = $1 AND resource_id = $2 AND status = 'pending' ORDER BY version FOR UPDATE`,
    },
    endpointId,
    resourceId,
  );
  const seated = queue.find((each) => each.dueAtMs !== null);
  if (seated?.leasedUntilMs && seated.leasedUntilMs > nowMs) return seated.id;
  const head = queue[0];
  if (seated && seated.id !== head?.id) {
    await run({ text: "UPDATE deliveries SET due_at_ms = NULL, leased_until_ms = NULL WHERE id = $1" }, seated.id);
  }
  if (head) {
    const text = "UPDATE deliveries SET due_at_ms = next_attempt_at_ms, leased_until_ms = NULL WHERE id = $1";
    await run({ text }, head.id);
  }
  return head?.id;
}
