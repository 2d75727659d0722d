/** The floor's store: one SQLite file, as durable as the gateway's (WAL, synchronous=FULL), a transaction a batch. */
import { DatabaseSync } from "node:sqlite";
import { parentPort, workerData } from "node:worker_threads";

export type FloorWrite =
  | { kind: "begin"; key: string; fingerprint: string; intent: string }
  | { kind: "complete"; key: string; answer: string };

const db = new DatabaseSync((workerData as { file: string }).file);
db.exec("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL");
db.exec(
  "CREATE TABLE claims (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, fingerprint TEXT NOT NULL, intent TEXT NOT NULL, answer TEXT)",
);
const insert = db.prepare("INSERT INTO claims (key, fingerprint, intent) VALUES (?, ?, ?) ON CONFLICT DO NOTHING");
const update = db.prepare("UPDATE claims SET answer = ? WHERE key = ?");

parentPort?.on("message", (batch: FloorWrite[]) => {
  db.exec("BEGIN IMMEDIATE");
  const changes = batch.map((write) =>
    write.kind === "begin"
      ? insert.run(write.key, write.fingerprint, write.intent).changes
      : update.run(write.answer, write.key).changes,
  );
  db.exec("COMMIT");
  parentPort?.postMessage(changes);
});
