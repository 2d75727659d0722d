import type { Run } from "./pg-link.ts";
import type { Anchor, Units } from "./units.ts";
import type { PruneResourcesUnit } from "./units-recovery.ts";

/**
 * What is kept under the asked names. Those that are new are kept too, but only when no other differs. Stores that open
 * at once take turns.
 */
export async function anchor(run: Run, anchors: Anchor[]): Promise<Anchor[]> {
  await run({ text: "LOCK TABLE anchors IN SHARE ROW EXCLUSIVE MODE" });
  const names = anchors.map((each) => each.name);
  const rows = await run<Anchor>({ text: "SELECT name, digest FROM anchors WHERE name = ANY ($1)" }, names);
  const stored = new Map(rows.map((row) => [row.name, row.digest]));
  if (anchors.every(({ name, digest }) => Buffer.from(digest).equals(stored.get(name) ?? digest))) {
    await run(
      { text: "INSERT INTO anchors SELECT * FROM unnest($1::text[], $2::bytea[]) ON CONFLICT (name) DO NOTHING" },
      names,
      anchors.map((each) => each.digest),
    );
  }
  return anchors.map(({ name, digest }) => ({ name, digest: stored.get(name) ?? digest }));
}

/** One bounded slice of what has expired; rows that others hold at the moment are left for the next. */
export async function prune(run: Run, { nowMs, maxRows }: Units["prune"]["input"]): Promise<Units["prune"]["output"]> {
  const slice = async (table: "nonces" | "claims", names: string): Promise<number> => {
    const text = `DELETE FROM ${table} WHERE (${names}) IN (SELECT ${names} FROM ${table} WHERE expires_at_ms <= $1
      ORDER BY expires_at_ms LIMIT $2 FOR UPDATE SKIP LOCKED) RETURNING 1`;
    return (await run({ text }, nowMs, maxRows)).length;
  };
  return { nonces: await slice("nonces", "keyid, nonce"), claims: await slice("claims", "partner, key") };
}

/** One slice of what is final for long, is asked about no more, and is no live claim's, with all that hangs on it. */
export async function pruneResources(run: Run, unit: PruneResourcesUnit): Promise<{ resources: number }> {
  const [gone] = await run<{ resources: number }>(
    {
      text: `WITH old AS MATERIALIZED (
          SELECT r.id FROM resources AS r WHERE r.kind = $1 AND r.status = $2 AND r.updated_at_ms <= $3
            AND NOT EXISTS (SELECT FROM asks AS a WHERE a.resource_id = r.id)
            AND NOT EXISTS (SELECT FROM touches AS t WHERE t.resource_id = r.id)
            AND NOT EXISTS (SELECT FROM claims AS c WHERE c.resource_id = r.id AND c.expires_at_ms > $4)
          ORDER BY r.updated_at_ms LIMIT $5 FOR UPDATE OF r SKIP LOCKED
        ),
        transition AS (DELETE FROM transitions USING old WHERE transitions.resource_id = old.id),
        handle AS (DELETE FROM handles USING old WHERE handles.resource_id = old.id),
        resource AS (DELETE FROM resources USING old WHERE resources.id = old.id)
        SELECT count(*) AS resources FROM old`,
    },
    unit.kind,
    unit.status,
    unit.beforeMs,
    unit.nowMs,
    unit.maxRows,
  );
  return { resources: gone?.resources ?? 0 };
}

/** One slice of the quarantined callbacks that have not come again for long. */
export async function pruneQuarantine(
  run: Run,
  { beforeMs, maxRows }: Units["pruneQuarantine"]["input"],
): Promise<{ quarantined: number }> {
  const text = `DELETE FROM quarantine WHERE id IN (SELECT id FROM quarantine WHERE last_at_ms <= $1
    ORDER BY last_at_ms LIMIT $2 FOR UPDATE SKIP LOCKED) RETURNING 1`;
  return { quarantined: (await run({ text }, beforeMs, maxRows)).length };
}

/** A read that touches a table. */
export async function ping(run: Run): Promise<undefined> {
  await run({ text: "SELECT max(version) FROM schema_migrations" });
  return undefined;
}
