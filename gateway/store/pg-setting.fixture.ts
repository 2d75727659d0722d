import { randomBytes } from "node:crypto";
import { Client } from "pg";
import { describe, expect, it, onTestFinished } from "vitest";
import { migratePostgres } from "./pg-migrate.ts";
import { openPostgresStore, type PostgresOptions } from "./pg.ts";
import { sealer } from "./seal.ts";
import { oldKey } from "./sqlite-setting.fixture.ts";
import type { Store } from "./store.ts";

const variable = "QIAO_TEST_DATABASE_URL";
const probeTimeoutMs = 2_000;

/** The server of the tests. */
export const serverUrl = process.env[variable] ?? "postgres://postgres@127.0.0.1:5432/test";

/** `describe` where a PostgreSQL answers. Elsewhere the tests are skipped with a line that says so; with CI=true they fail. */
export const describeOnPostgres = await (async () => {
  const why = await query(serverUrl, "SELECT 1").then(
    () => undefined,
    (error: Error) => error.message,
  );
  if (why === undefined) return describe;
  if (process.env.CI === "true") {
    it("PostgreSQL answers (required with CI=true)", () => expect.fail(`${variable}: ${why}`));
    return describe.skip;
  }
  process.stderr.write(`\nSKIPPED: no PostgreSQL for the store's tests (${why}). Set ${variable} to run them.\n\n`);
  return describe.skip;
})();

/** Rows of one statement, outside of any store. */
export async function query(url: string, text: string, ...values: unknown[]): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: probeTimeoutMs });
  client.on("error", () => {});
  try {
    await client.connect();
    return (await client.query<Record<string, unknown>>(text, values)).rows;
  } finally {
    await client.end().catch(() => {});
  }
}

/** The address of a new, empty schema that is gone after the test; migrated unless asked otherwise. */
export async function freshSchema({ migrated = true } = {}): Promise<string> {
  const name = `qiao_test_${randomBytes(8).toString("hex")}`;
  const url = new URL(serverUrl);
  url.searchParams.set("options", `-c search_path=${name}`);
  await query(serverUrl, `CREATE SCHEMA ${name}`);
  onTestFinished(async () => {
    await query(serverUrl, `SET client_min_messages = warning; DROP SCHEMA ${name} CASCADE`);
  });
  if (migrated) await migratePostgres(url.href);
  return url.href;
}

/** A store that the test need not close. */
export async function openPostgres(url: string, change: Partial<PostgresOptions> = {}): Promise<Store> {
  const store = await openPostgresStore({ url, sealer: sealer({ keys: [oldKey] }), ...change });
  onTestFinished(() => store.close());
  return store;
}
