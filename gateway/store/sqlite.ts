import { Worker } from "node:worker_threads";
import { front } from "./front.ts";
import { sqliteLimits, type SqliteLimits } from "./limits.ts";
import type { Sealer } from "./seal.ts";
import { sealedStore } from "./sealed-store.ts";
import { link } from "./sqlite-link.ts";
import type { WorkerStart } from "./sqlite-port.ts";
import type { Store } from "./store.ts";

export interface SqliteOptions {
  /** The database file, made if absent (its folder must exist); or `inMemory`. */
  path: string;
  sealer: Sealer;
  limits?: Partial<SqliteLimits>;
  /** Starts the engine's thread; tests give their own to end it in the midst of work. */
  spawn?: (start: WorkerStart) => Worker;
}

/**
 * The embedded store: node:sqlite in a worker thread, WAL, synchronous=FULL, concurrent commits grouped.
 * @throws StoreError `store_unavailable` (no such folder, no WAL, no room), `store_busy`, `schema_mismatch`, `wrong_key`.
 */
export async function openSqliteStore({ path, sealer, limits, spawn = spawnWorker }: SqliteOptions): Promise<Store> {
  const bounds = { ...sqliteLimits, ...limits };
  const worker = spawn({
    path,
    busyTimeoutMs: bounds.busyTimeoutMs,
    maxFileBytes: bounds.maxFileBytes,
  });
  const { send, close } = await link(worker, bounds);
  const engine = front(send, close, bounds);
  try {
    return await sealedStore(engine, sealer);
  } catch (thrown) {
    await engine.close();
    throw thrown;
  }
}

/** What the engine's thread runs. */
export const workerEntry = new URL("./sqlite-worker.ts", import.meta.url);

/** The engine's thread; the test runner's own flags are not for it. */
export function spawnWorker(start: WorkerStart): Worker {
  return new Worker(workerEntry, {
    workerData: start,
    name: "store",
    execArgv: [],
  });
}
