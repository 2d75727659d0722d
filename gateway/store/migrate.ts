import { readFile } from "node:fs/promises";
import { z } from "zod";
import { StoreError } from "./errors.ts";
import { migratePostgres } from "./pg-migrate.ts";

/*
 * `npm run migrate`: brings the PostgreSQL database of `QIAO_DATABASE_URL`, or of the gateway configuration that `QIAO_CONFIG`
 * names (`store.url`), up to this program's schema. Says what it applied; exit code 1 and one line when it could not.
 */
const configuration = z.looseObject({ store: z.looseObject({ url: z.string().optional() }) });

async function databaseUrl(): Promise<string | undefined> {
  const { QIAO_DATABASE_URL: url, QIAO_CONFIG: file } = process.env;
  if (url !== undefined) return url;
  if (file === undefined) throw new Error("set QIAO_DATABASE_URL, or QIAO_CONFIG to the gateway's JSON configuration");
  return configuration.parse(JSON.parse(await readFile(file, "utf8"))).store.url;
}

try {
  const url = await databaseUrl();
  if (url === undefined) {
    process.stdout.write("nothing to do: the configured store is embedded, it migrates itself when it is opened\n");
  } else {
    const applied = await migratePostgres(url);
    for (const name of applied) process.stdout.write(`applied ${name}\n`);
    if (applied.length === 0) process.stdout.write("nothing to do: the schema is up to date\n");
  }
} catch (thrown) {
  const code = thrown instanceof StoreError ? `${thrown.code}: ` : "";
  process.stderr.write(`migrate: ${code}${thrown instanceof Error ? thrown.message : String(thrown)}\n`);
  process.exitCode = 1;
}
