/**
 * The store's engine in this very thread: the same SQL on the same kind of file as the worker of the gateway, without the
 * 60 ms that a thread takes to start, so that thousands of restarts are cheap and every order of events can be repeated.
 */
import { EventEmitter } from "node:events";
import { DatabaseSync } from "node:sqlite";
import { setImmediate as nextTurn } from "node:timers";
import type { Worker } from "node:worker_threads";
import { failureOf, runBatch, statements } from "../../../gateway/store/sqlite-batch.ts";
import { packOutcome, unpackUnits } from "../../../gateway/store/sqlite-packing.ts";
import { prepareSchema } from "../../../gateway/store/sqlite-schema.ts";
import type { FromWorker, ToWorker, WorkerStart } from "../../../gateway/store/sqlite-port.ts";

/** Speaks the worker's protocol; `crash` lets go of the file without a word. */
export class StoreThread extends EventEmitter {
  #db: DatabaseSync | undefined;

  constructor({ path, busyTimeoutMs }: WorkerStart) {
    super();
    const db = new DatabaseSync(path, { timeout: busyTimeoutMs });
    this.#db = db;
    try {
      db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
      prepareSchema(db);
      const sql = statements(db);
      this.on("to", (message: ToWorker) => {
        if (this.#db === undefined) return;
        if (message.kind === "batch")
          this.#tell({ kind: "outcomes", outcomes: runBatch(db, sql, unpackUnits(message.batch)).map(packOutcome) });
        else this.crash();
      });
      this.#tell({ kind: "ready" });
    } catch (thrown) {
      this.#tell({ kind: "failed", failure: failureOf(thrown, "none") });
    }
  }

  /** As `openSqliteStore` wants it. */
  asWorker(): Worker {
    return this as unknown as Worker;
  }

  postMessage(message: ToWorker): void {
    const copy = structuredClone(message);
    nextTurn(() => this.emit("to", copy));
  }

  async terminate(): Promise<number> {
    this.crash();
    return 0;
  }

  crash(): void {
    if (this.#db === undefined) return;
    this.#db.close();
    this.#db = undefined;
    nextTurn(() => this.emit("exit"));
  }

  #tell(message: FromWorker): void {
    const copy = structuredClone(message);
    nextTurn(() => this.emit("message", copy));
  }
}
