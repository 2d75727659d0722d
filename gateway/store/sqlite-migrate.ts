import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { StoreError } from "./errors.ts";

export interface Migration {
  version: number;
  name: string;
  sql: string;
  digest: string;
}

export interface Applied {
  version: number;
  digest: string;
}

const fileName = /^(\d{4})_[a-z0-9_]+\.sql$/;

/**
 * Brings a database to the schema of the numbered files of a folder, each applied once and recorded, all in one
 * transaction, so that two processes that open at once do not both do it.
 * @param onBegin told before a file is applied: over a large database that takes its time
 * @throws StoreError `schema_mismatch` for a newer schema than the files know, or an applied file whose text changed.
 */
export function migrate(db: DatabaseSync, folder: URL, onBegin: () => void = () => {}): void {
  const known = migrationFiles(folder);
  db.exec("BEGIN IMMEDIATE");
  try {
    db.exec(
      `CREATE TABLE IF NOT EXISTS schema_migrations (
        version INTEGER PRIMARY KEY, name TEXT NOT NULL, digest TEXT NOT NULL, applied_at_ms INTEGER NOT NULL
      ) STRICT`,
    );
    const rows = db.prepare("SELECT version, digest FROM schema_migrations ORDER BY version").all();
    const applied = rows as unknown as Applied[];
    for (const row of applied) compareApplied(row, known);
    const record = db.prepare(
      "INSERT INTO schema_migrations (version, name, digest, applied_at_ms) VALUES (?, ?, ?, ?)",
    );
    if (applied.length < known.length) onBegin();
    for (const migration of known.slice(applied.length)) {
      db.exec(migration.sql);
      record.run(migration.version, migration.name, migration.digest, Date.now());
    }
    db.exec("COMMIT");
  } catch (thrown) {
    if (db.isTransaction) db.exec("ROLLBACK");
    throw thrown;
  }
}

/** @throws StoreError `schema_mismatch` when what was applied is not what the files say. */
export function compareApplied(row: Applied, known: Migration[]): void {
  const migration = known[row.version - 1];
  if (!migration) {
    throw new StoreError(
      "schema_mismatch",
      `schema ${row.version} is newer than ${known.length}, the newest known here`,
    );
  }
  if (migration.digest !== row.digest) {
    throw new StoreError("schema_mismatch", `migration ${migration.name} is not the text that was applied`);
  }
}

/** The numbered files of a folder, in order. */
export function migrationFiles(folder: URL): Migration[] {
  const names = readdirSync(folder).filter((name) => name.endsWith(".sql"));
  return names.toSorted().map((name, at) => {
    const version = Number(fileName.exec(name)?.[1]);
    if (version !== at + 1)
      throw new StoreError("schema_mismatch", `migration ${name} is out of the row 0001, 0002, …`);
    const sql = readFileSync(new URL(name, folder), "utf8");
    return { version, name, sql, digest: createHash("sha256").update(sql).digest("hex") };
  });
}
