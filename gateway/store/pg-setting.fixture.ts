import { randomBytes } from "node:crypto";
import { Client } from "pg";
import { afterAll, describe, onTestFinished } from "vitest";
import { migratePostgres } from "./pg-migrate.ts";
import { openPostgresStore, type PostgresOptions } from "./pg.ts";
import { sealer } from "./seal.ts";
import { oldKey } from "./sqlite-setting.fixture.ts";
import type { Store } from "./store.ts";

const variable = "QIAO_TEST_DATABASE_URL";
const probeTimeoutMs = 2_000;

/** The server of the tests. */
export const serverUrl = process.env[variable] ?? "postgres://postgres@127.0.0.1:5432/test";

/** `describe` where a PostgreSQL answers. Elsewhere a line says that they are skipped; with CI=true the file fails. */
export const describeOnPostgres = await (async () => {
  const why = await query(serverUrl, "SELECT 1").then(
    () => undefined,
    (error: Error) => error.message,
  );
  if (why === undefined) return describe;
  if (process.env.CI === "true") throw new Error(`with CI=true a PostgreSQL must answer; ${variable}: ${why}`);
  process.stderr.write(`\nSKIPPED: no PostgreSQL for the store's tests (${why}). Set ${variable} to run them.\n\n`);
  return describe.skip;
})();

type Row = Record<string, unknown>;

/** Rows of one statement, outside of any store. */
export async function query(url: string, text: string, ...values: unknown[]): Promise<Row[]> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: probeTimeoutMs });
  client.on("error", () => {});
  try {
    await client.connect();
    return (await (values.length === 0 ? client.query<Row>(text) : client.query<Row>(text, values))).rows;
  } finally {
    await client.end().catch(() => {});
  }
}

/** The address of a new, migrated schema, and its end. */
async function newSchema(migrated = true): Promise<{ url: string; drop: () => Promise<void> }> {
  const name = `qiao_test_${randomBytes(8).toString("hex")}`;
  const url = new URL(serverUrl);
  url.searchParams.set("options", `-c search_path=${name} -c client_min_messages=warning`);
  await query(serverUrl, `CREATE SCHEMA ${name}`);
  if (migrated) await migratePostgres(url.href);
  return { url: url.href, drop: async () => void (await query(url.href, `DROP SCHEMA ${name} CASCADE`)) };
}

/** A schema of the test's own, gone after it. */
export async function freshSchema({ migrated = true } = {}): Promise<string> {
  const { url, drop } = await newSchema(migrated);
  onTestFinished(drop);
  return url;
}

/** One schema for the tests of a file, one after the other: made by the first, emptied for each, gone after the last. */
export function sharedSchema(): () => Promise<string> {
  let made: ReturnType<typeof newSchema> | undefined;
  let empty = "";
  afterAll(async () => (await made)?.drop());
  return async () => {
    made ??= newSchema();
    const { url } = await made;
    if (empty === "") {
      const tables = await query(
        url,
        "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() AND tablename <> 'schema_migrations'",
      );
      empty = tables
        .map(({ tablename: name }) => [`DELETE FROM ${String(name)}`, String(name)] as const)
        .map(([clear, name]) =>
          // Evidence is append-only, by trigger.
          name.startsWith("audit")
            ? `ALTER TABLE ${name} DISABLE TRIGGER USER; ${clear}; ALTER TABLE ${name} ENABLE TRIGGER USER`
            : clear,
        )
        .join(";");
    }
    await query(url, empty);
    return url;
  };
}

/** A store that the test need not close. */
export async function openPostgres(url: string, change: Partial<PostgresOptions> = {}): Promise<Store> {
  const store = await openPostgresStore({ url, sealer: sealer({ keys: [oldKey] }), ...change });
  onTestFinished(() => store.close());
  return store;
}
