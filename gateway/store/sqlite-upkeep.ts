import type { Sql } from "./sqlite-batch.ts";
import type { Anchor, Units } from "./units.ts";

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
  const slice = (table: "nonces" | "claims"): number =>
    sql.run(
      `DELETE FROM ${table} WHERE id IN
         (SELECT id FROM ${table} WHERE expires_at_ms <= ? ORDER BY expires_at_ms LIMIT ?)`,
      nowMs,
      maxRows,
    );
  return { nonces: slice("nonces"), claims: slice("claims") };
}

/** A read that touches the file. */
export function ping(sql: Sql): undefined {
  sql.one("SELECT max(version) FROM schema_migrations");
  return undefined;
}
