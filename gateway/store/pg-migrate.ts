import { Client } from "pg";
import { StoreError } from "./errors.ts";
import { failureOf } from "./pg-failures.ts";
import type { Run } from "./pg-link.ts";
import { compareApplied, migrationFiles, type Applied } from "./sqlite-migrate.ts";

const folder = new URL("./migrations/postgres/", import.meta.url);

/** The lock that two migrations of one schema at once take turns by: of this program, and of the schema. */
const takeTurn = "SELECT pg_advisory_xact_lock(hashtext('qiao schema_migrations'), hashtext(current_schema()))";

/** One may wait for another's work on large tables. */
const lockTimeoutMs = 60_000;
const connectTimeoutMs = 5_000;

/**
 * Brings a database to the schema of migrations/postgres, each file applied once and recorded with its digest, all in
 * one transaction. Safe when run several times at once, and when all is applied already.
 * @returns the names of the files that it applied
 * @throws StoreError `schema_mismatch` for a newer schema than the files know, or an applied file whose text changed.
 */
export async function migratePostgres(url: string): Promise<string[]> {
  const client = new Client({
    connectionString: url,
    application_name: "qiao migrate",
    connectionTimeoutMillis: connectTimeoutMs,
    lock_timeout: lockTimeoutMs,
  });
  client.on("error", () => {});
  try {
    await client.connect();
    await client.query("BEGIN");
    await client.query(takeTurn);
    await client.query(
      `CREATE TABLE IF NOT EXISTS schema_migrations
         (version integer PRIMARY KEY, name text NOT NULL, digest text NOT NULL, applied_at_ms bigint NOT NULL)`,
    );
    const { rows } = await client.query<Applied>("SELECT version, digest FROM schema_migrations ORDER BY version");
    const known = migrationFiles(folder);
    for (const row of rows) compareApplied(row, known);
    const missing = known.slice(rows.length);
    for (const { version, name, sql, digest } of missing) {
      await client.query(sql);
      await client.query("INSERT INTO schema_migrations VALUES ($1, $2, $3, $4)", [version, name, digest, Date.now()]);
    }
    await client.query("COMMIT");
    return missing.map(({ name }) => name);
  } catch (thrown) {
    throw failureOf(thrown, "none");
  } finally {
    await client.end().catch(() => {});
  }
}

/** Refuses a database whose schema is not that of the files: older, newer or of another text. */
export async function checkSchema(run: Run): Promise<void> {
  const known = migrationFiles(folder);
  const [there] = await run<{ is: boolean }>({ text: "SELECT to_regclass('schema_migrations') IS NOT NULL AS is" });
  const applied = there?.is
    ? await run<Applied>({ text: "SELECT version, digest FROM schema_migrations ORDER BY version" })
    : [];
  for (const row of applied) compareApplied(row, known);
  if (applied.length < known.length) {
    const missing = known.slice(applied.length).map(({ name }) => name);
    throw new StoreError("schema_mismatch", `run \`npm run migrate\` first: ${missing.join(", ")} not applied`);
  }
}
