import type { Sql } from "./sqlite-batch.ts";
import { seqAfter } from "./sqlite-pages.ts";
import type { NewSealedQuarantine, PlainPageUnit, SealedQuarantine } from "./units-recovery.ts";

/** One row for one digest of an adapter; see RecoveryStore.quarantine. */
export function quarantine(sql: Sql, row: NewSealedQuarantine): undefined {
  sql.run(
    `INSERT INTO quarantine (id, adapter, digest_index, why, sealed, first_at_ms, last_at_ms, times)
     VALUES (?, ?, ?, ?, ?, ?6, ?6, 1)
     ON CONFLICT (adapter, digest_index) DO UPDATE
     SET times = times + 1, last_at_ms = max(last_at_ms, excluded.last_at_ms)`,
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
export function quarantined(sql: Sql, { limit, afterId }: PlainPageUnit): SealedQuarantine[] {
  return sql.all(
    `SELECT id, adapter, why, sealed, first_at_ms AS firstAtMs, last_at_ms AS lastAtMs, times
     FROM quarantine WHERE seq > ? ORDER BY seq LIMIT ?`,
    seqAfter(sql, "SELECT seq FROM quarantine WHERE id = ?", afterId),
    limit,
  );
}
