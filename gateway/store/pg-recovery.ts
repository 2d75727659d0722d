import { inherit } from "./pg-asks.ts";
import type { Run } from "./pg-link.ts";
import { seqAfter } from "./pg-pages.ts";
import { resourceColumns } from "./pg-resources.ts";
import type { SealedResource } from "./units.ts";
import type {
  AskedUnit,
  DueResourcesUnit,
  NewSealedQuarantine,
  PlainPageUnit,
  SealedDueResource,
  SealedQuarantine,
  SealedStuckResource,
} from "./units-recovery.ts";

/**
 * The acts that should have ended by $1 are taken for dead, and their targets left to recovery. One that is being asked
 * about at the moment waits: that ask may have come before the act's effect.
 */
export const inheritDueTouches = `
  WITH due AS MATERIALIZED (
    SELECT partner, key, resource_id, ask_at_ms FROM touches WHERE ask_at_ms <= $1
    ORDER BY ask_at_ms LIMIT $2 FOR UPDATE SKIP LOCKED
  ),
  left_behind AS (
    INSERT INTO asks (resource_id, due_at_ms)
    SELECT resource_id, min(ask_at_ms) FROM due GROUP BY resource_id ORDER BY resource_id
    ${inherit} WHERE asks.leased_until_ms IS NULL OR asks.leased_until_ms <= $1
    RETURNING resource_id
  )
  DELETE FROM touches USING due JOIN left_behind USING (resource_id)
  WHERE touches.partner = due.partner AND touches.key = due.key`;

/** What is due, oldest first; what another instance is leasing at the moment is passed over. */
export const leaseDueResources = `
  WITH due AS MATERIALIZED (
    SELECT a.resource_id, a.due_at_ms FROM asks AS a JOIN resources AS r ON r.id = a.resource_id
    WHERE a.due_at_ms <= $1 ORDER BY a.due_at_ms LIMIT $2 FOR UPDATE OF a SKIP LOCKED
  ),
  leased AS (
    UPDATE asks SET due_at_ms = $3, leased_until_ms = $3 FROM due WHERE asks.resource_id = due.resource_id
    RETURNING asks.asks, asks.resource_id, due.due_at_ms
  )
  SELECT leased.asks, ${resourceColumns} FROM leased JOIN resources AS r ON r.id = leased.resource_id
  ORDER BY leased.due_at_ms`;

/** Leases what is due; see RecoveryStore.dueResources. */
export async function dueResources(
  run: Run,
  { nowMs, leaseUntilMs, limit }: DueResourcesUnit,
): Promise<SealedDueResource[]> {
  await run({ text: inheritDueTouches }, nowMs, maxInheritedRows);
  const rows = await run<SealedResource & { asks: number }>({ text: leaseDueResources }, nowMs, limit, leaseUntilMs);
  return rows.map(({ asks, ...resource }) => ({ resource, asks }));
}

/** Acts taken for dead in one unit; the next one takes more. */
const maxInheritedRows = 1_000;

/** The ask is over and moved nothing; see RecoveryStore.asked. */
export async function asked(
  run: Run,
  { id, leaseUntilMs, nowMs, askAtMs, stuck: pastBound }: AskedUnit,
): Promise<boolean> {
  const ours = "WHERE resource_id = $1 AND ($2::bigint IS NULL OR leased_until_ms = $2) RETURNING resource_id";
  if (askAtMs === null && !pastBound) {
    return (await run({ text: `DELETE FROM asks ${ours}` }, id, leaseUntilMs)).length === 1;
  }
  const text = `UPDATE asks SET due_at_ms = $3, leased_until_ms = NULL, asks = asks + 1, asked_at_ms = $4, stuck = $5 ${ours}`;
  return (await run({ text }, id, leaseUntilMs, askAtMs, nowMs, pastBound)).length === 1;
}

/** Due at once, unless it is being asked about already; see RecoveryStore.askNow. */
export async function askNow(run: Run, { id, nowMs }: { id: string; nowMs: number }): Promise<boolean> {
  const text = `WITH known AS MATERIALIZED (SELECT id FROM resources WHERE id = $1),
    due AS (
      INSERT INTO asks (resource_id, due_at_ms) SELECT id, $2::bigint FROM known
      ON CONFLICT (resource_id) DO UPDATE SET due_at_ms = $2, leased_until_ms = NULL, asks = 0, stuck = false
        WHERE asks.leased_until_ms IS NULL OR asks.leased_until_ms <= $2
    )
    SELECT id FROM known`;
  return (await run({ text }, id, nowMs)).length === 1;
}

/** A page of what is past its bound. */
export async function stuck(run: Run, { limit, afterId }: PlainPageUnit): Promise<SealedStuckResource[]> {
  const after = await seqAfter(run, "SELECT seq FROM asks WHERE resource_id = $1 AND stuck", afterId);
  const rows = await run<SealedResource & { asks: number; lastAskedAtMs: number }>(
    {
      text: `SELECT a.asks, a.asked_at_ms AS "lastAskedAtMs", ${resourceColumns}
        FROM asks AS a JOIN resources AS r ON r.id = a.resource_id WHERE a.stuck AND a.seq > $1 ORDER BY a.seq LIMIT $2`,
    },
    after,
    limit,
  );
  return rows.map(({ asks, lastAskedAtMs, ...resource }) => ({ resource, asks, lastAskedAtMs }));
}

/** One row for one digest of an adapter; see RecoveryStore.quarantine. */
export async function quarantine(run: Run, row: NewSealedQuarantine): Promise<undefined> {
  await run(
    {
      text: `INSERT INTO quarantine (id, adapter, digest_index, why, sealed, first_at_ms, last_at_ms, times)
        VALUES ($1, $2, $3, $4, $5, $6, $6, 1)
        ON CONFLICT (adapter, digest_index) DO UPDATE SET times = quarantine.times + 1,
          last_at_ms = greatest(quarantine.last_at_ms, excluded.last_at_ms)`,
    },
    row.id,
    row.adapter,
    row.digestIndex,
    row.why,
    row.sealed,
    row.firstAtMs,
  );
  return undefined;
}

/** A page in the order of their first coming. */
export async function quarantined(run: Run, { limit, afterId }: PlainPageUnit): Promise<SealedQuarantine[]> {
  const after = await seqAfter(run, "SELECT seq FROM quarantine WHERE id = $1", afterId);
  return run(
    {
      text: `SELECT id, adapter, why, sealed, first_at_ms AS "firstAtMs", last_at_ms AS "lastAtMs", times
        FROM quarantine WHERE seq > $1 ORDER BY seq LIMIT $2`,
    },
    after,
    limit,
  );
}
