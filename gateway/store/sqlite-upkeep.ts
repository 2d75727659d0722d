import type { Sql } from "./sqlite-batch.ts";
import { pruneClaims } from "./sqlite-claims.ts";
import { wereDeleted } from "./sqlite-lists.ts";
import { pruneNonces } from "./sqlite-nonces.ts";
import { deleteResource } from "./sqlite-resources.ts";
import type { Anchor, Units } from "./units.ts";
import type { PruneResourcesUnit } from "./units-recovery.ts";

/** What is kept under the asked names. Those that are new are kept too, but only when no other differs. */
export function anchor(sql: Sql, anchors: Anchor[]): Anchor[] {
  const kept = anchors.map(
    ({ name, digest }) => sql.one<Anchor>("SELECT name, digest FROM anchors WHERE name = ?", name) ?? { name, digest },
  );
  if (anchors.every(({ digest }, at) => Buffer.from(digest).equals(kept[at]?.digest ?? digest))) {
    for (const { name, digest } of anchors) {
      sql.run("INSERT INTO anchors (name, digest) VALUES (?, ?) ON CONFLICT (name) DO NOTHING", name, digest);
    }
  }
  return kept;
}

/** One bounded slice of what has expired. */
export function prune(sql: Sql, { nowMs, maxRows }: Units["prune"]["input"]): Units["prune"]["output"] {
  return { nonces: pruneNonces(sql, nowMs, maxRows), claims: pruneClaims(sql, nowMs, maxRows) };
}

/** One slice of what is final for long, is asked about no more, and is no live claim's, with all that hangs on it. */
export function pruneResources(sql: Sql, unit: PruneResourcesUnit): { resources: number } {
  const old = sql.all<{ id: string }>(
    `SELECT r.id FROM resources r WHERE r.kind = ? AND r.status = ? AND r.updated_at_ms <= ? AND r.version > 1
       AND NOT EXISTS (SELECT 1 FROM asks a WHERE a.resource_id = r.id)
       AND NOT EXISTS (SELECT 1 FROM touches t WHERE t.resource_id = r.id)
       AND r.claimed_until_ms <= ?
     ORDER BY r.updated_at_ms LIMIT ?`,
    unit.kind,
    unit.status,
    unit.beforeMs,
    unit.nowMs,
    unit.maxRows,
  );
  for (const { id } of old) deleteResource(sql, id);
  wereDeleted(sql, "resources");
  return { resources: old.length };
}

/** One slice of the quarantined callbacks that have not come again for long. */
export function pruneQuarantine(
  sql: Sql,
  { beforeMs, maxRows }: Units["pruneQuarantine"]["input"],
): { quarantined: number } {
  const quarantined = sql.run(
    `DELETE FROM quarantine WHERE seq IN
       (SELECT seq FROM quarantine WHERE last_at_ms <= ? ORDER BY last_at_ms LIMIT ?)`,
    beforeMs,
    maxRows,
  );
  return { quarantined };
}

/** A read that touches the file. */
export function ping(sql: Sql): undefined {
  sql.one("SELECT max(version) FROM schema_migrations");
  return undefined;
}
