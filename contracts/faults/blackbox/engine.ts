/** The engines that a run may stand on, each empty at its start. */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { Client } from "pg";
import type { GatewayConfigInput } from "#gateway";
import { migratePostgres } from "#store";

export type EngineName = "sqlite" | "postgres";

type Keys = GatewayConfigInput["store"]["keys"];

/** An empty store for one run. */
export interface FreshStore {
  config: GatewayConfigInput["store"];
  remove(): Promise<void>;
}

const serverUrl = process.env["QIAO_TEST_DATABASE_URL"] ?? "postgres://postgres@127.0.0.1:5432/test";
const connectTimeoutMs = 2_000;

/** A file in the folder, or a schema of its own on the PostgreSQL of `QIAO_TEST_DATABASE_URL`, migrated. */
export async function freshStore(engine: EngineName, dir: string, keys: Keys): Promise<FreshStore> {
  if (engine === "sqlite") return { config: { file: join(dir, "qiao.sqlite"), keys }, remove: () => Promise.resolve() };
  const schema = `qiao_blackbox_${randomBytes(6).toString("hex")}`;
  const url = new URL(serverUrl);
  url.searchParams.set("options", `-c search_path=${schema} -c client_min_messages=warning`);
  await run(`CREATE SCHEMA ${schema}`);
  const remove = (): Promise<void> => run(`DROP SCHEMA ${schema} CASCADE`);
  try {
    await migratePostgres(url.href);
  } catch (error) {
    await remove();
    throw error;
  }
  return { config: { url: url.href, keys }, remove };
}

async function run(statement: string): Promise<void> {
  const client = new Client({ connectionString: serverUrl, connectionTimeoutMillis: connectTimeoutMs });
  client.on("error", () => {});
  try {
    await client.connect();
    await client.query(statement);
  } finally {
    await client.end().catch(() => {});
  }
}
