import { inheritDueIntents, inheritDueTouches, inheritIntent, setAsk } from "./sqlite-asks.ts";
import type { Sql } from "./sqlite-batch.ts";
import { resourceColumns } from "./sqlite-resources.ts";
import { seqAfter } from "./sqlite-pages.ts";
import type { SealedResource } from "./units.ts";
import type {
  AskedUnit,
  DueResourcesUnit,
  PlainPageUnit,
  SealedDueResource,
  SealedStuckResource,
} from "./units-recovery.ts";

type DueColumns = SealedResource & { askId: number; asks: number };

/** Leases what is due; see RecoveryStore.dueResources. */
export function dueResources(sql: Sql, { nowMs, leaseUntilMs, limit }: DueResourcesUnit): SealedDueResource[] {
  inheritDueTouches(sql, nowMs);
  inheritDueIntents(sql, nowMs);
  const due = sql.all<DueColumns>(
    `SELECT a.id AS askId, a.asks, ${resourceColumns} FROM asks a JOIN resources r ON r.id = a.resource_id
     WHERE a.due_at_ms <= ? ORDER BY a.due_at_ms LIMIT ?`,
    nowMs,
    limit,
  );
  return due.map(({ askId, asks, ...resource }) => {
    sql.run("UPDATE asks SET due_at_ms = ?1, leased_until_ms = ?1 WHERE id = ?2", leaseUntilMs, askId);
    return { resource, asks };
  });
}

/** The ask is over and moved nothing; see RecoveryStore.asked. */
export function asked(sql: Sql, unit: AskedUnit): boolean {
  const { id, leaseUntilMs, nowMs, askAtMs } = unit;
  inheritIntent(sql, id);
  const row = sql.one<{ leasedUntilMs: number | null }>(
    "SELECT leased_until_ms AS leasedUntilMs FROM asks WHERE resource_id = ?",
    id,
  );
  if (!row || (leaseUntilMs !== undefined && row.leasedUntilMs !== leaseUntilMs)) return false;
  if (askAtMs === null && !unit.stuck) {
    setAsk(sql, { id, askAtMs });
    return true;
  }
  sql.run(
    `UPDATE asks SET due_at_ms = ?, leased_until_ms = NULL, asks = asks + 1, asked_at_ms = ?, stuck = ?
     WHERE resource_id = ?`,
    askAtMs,
    nowMs,
    unit.stuck ? 1 : 0,
    id,
  );
  return true;
}

/** Due at once, unless it is being asked about already; see RecoveryStore.askNow. */
export function askNow(sql: Sql, { id, nowMs }: { id: string; nowMs: number }): boolean {
  if (!sql.one("SELECT 1 FROM resources WHERE id = ?", id)) return false;
  const leased = sql.one("SELECT 1 FROM asks WHERE resource_id = ? AND leased_until_ms > ?", id, nowMs);
  if (!leased) setAsk(sql, { id, askAtMs: nowMs });
  return true;
}

/** A page of what is past its bound. */
export function stuck(sql: Sql, { limit, afterId }: PlainPageUnit): SealedStuckResource[] {
  const after = seqAfter(sql, "SELECT id AS seq FROM asks WHERE resource_id = ? AND stuck = 1", afterId);
  const rows = sql.all<SealedResource & { asks: number; lastAskedAtMs: number }>(
    `SELECT a.asks, a.asked_at_ms AS lastAskedAtMs, ${resourceColumns}
     FROM asks a JOIN resources r ON r.id = a.resource_id WHERE a.stuck = 1 AND a.id > ? ORDER BY a.id LIMIT ?`,
    after,
    limit,
  );
  return rows.map(({ asks, lastAskedAtMs, ...resource }) => ({ resource, asks, lastAskedAtMs }));
}
