import { closeSync, openSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { parentPort, workerData } from "node:worker_threads";
import { failureOf, runBatch, statements } from "./sqlite-batch.ts";
import { packOutcome, unpackUnits } from "./sqlite-packing.ts";
import { prepareSchema } from "./sqlite-schema.ts";
import { inMemory, type FromWorker, type ToWorker, type WorkerStart } from "./sqlite-port.ts";

/*
 * The one thread that touches the database: fsync blocks here, and never the event loop of the road.
 * It may say `migrating`, and says `ready` or `failed` once, then answers each batch, in order, until `close`.
 */

/** PRAGMA synchronous, as a number: every commit is on the disk before it is answered. */
const full = 2;

const tell = (message: FromWorker): void => parentPort?.postMessage(message);

try {
  const db = open(workerData as WorkerStart);
  const sql = statements(db);
  parentPort?.on("message", (message: ToWorker) => {
    if (message.kind === "batch") {
      tell({ kind: "outcomes", outcomes: runBatch(db, sql, unpackUnits(message.batch)).map(packOutcome) });
      return;
    }
    db.close();
    parentPort?.close();
  });
  tell({ kind: "ready" });
} catch (thrown) {
  tell({ kind: "failed", failure: failureOf(thrown, "none") });
}

function open({ path, busyTimeoutMs, maxFileBytes }: WorkerStart): DatabaseSync {
  // SQLite gives its -wal and -shm files the mode of the database file.
  if (path !== inMemory) closeSync(openSync(path, "a", 0o600));
  const db = new DatabaseSync(path, { timeout: busyTimeoutMs });
  const pragma = (text: string): unknown => Object.values(db.prepare(`PRAGMA ${text}`).get() ?? {})[0];
  const mode = pragma("journal_mode = WAL");
  if (mode !== "wal" && path !== inMemory) throw new Error(`no WAL on this file system, only ${String(mode)}`);
  db.exec("PRAGMA synchronous = FULL");
  if (pragma("synchronous") !== full) throw new Error("the database does not sync its commits");
  pragma(`max_page_count = ${Math.max(1, Math.floor(maxFileBytes / Number(pragma("page_size"))))}`);
  prepareSchema(db, () => tell({ kind: "migrating" }));
  return db;
}
