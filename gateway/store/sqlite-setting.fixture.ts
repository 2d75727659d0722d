import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { onTestFinished } from "vitest";
import { sealer, type SealingKey } from "./seal.ts";
import { openSqliteStore, type SqliteOptions, workerEntry } from "./sqlite.ts";
import type { WorkerStart } from "./sqlite-port.ts";
import type { Store } from "./store.ts";

export const oldKey: SealingKey = { id: "2026-01", key: Buffer.alloc(32, 1).toString("base64url") };
export const newKey: SealingKey = { id: "2026-07", key: Buffer.alloc(32, 2).toString("base64url") };

/** A database path in a folder of its own, both gone after the test. */
export function databasePath(): string {
  const folder = mkdtempSync(join(tmpdir(), "qiao-store-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, "store.sqlite");
}

/** The engine's thread, with its modules compiled once for all tests: starting it is most of a test's time. */
function spawnCached(start: WorkerStart): Worker {
  const env = { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), "qiao-test-modules") };
  return new Worker(workerEntry, { workerData: start, name: "store", execArgv: [], env });
}

/** A store that the test need not close. */
export async function openStore(path: string, change: Partial<SqliteOptions> = {}): Promise<Store> {
  const store = await openSqliteStore({ path, sealer: sealer({ keys: [oldKey] }), spawn: spawnCached, ...change });
  onTestFinished(() => store.close());
  return store;
}
