import { chmodSync, closeSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { MockContext, Table } from "../types.ts";

/** What a mock remembers: tables and kept secrets. */
export interface MockState extends Pick<MockContext, "keep" | "table"> {
  close(): void;
}

const schema = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  CREATE TABLE IF NOT EXISTS kept (name TEXT PRIMARY KEY, value TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS rows (seq INTEGER PRIMARY KEY AUTOINCREMENT, tbl TEXT NOT NULL, key TEXT NOT NULL,
    value TEXT NOT NULL, UNIQUE (tbl, key));
`;

/** Opens `<dir>/vendors/<adapter>.sqlite` (readable by its owner only), or a database in memory when there is no folder. */
export function openState(adapter: string, dir: string | undefined): MockState {
  const database = new DatabaseSync(dir === undefined ? ":memory:" : privateFile(join(dir, "vendors"), adapter));
  database.exec(schema);
  const readKept = database.prepare("SELECT value FROM kept WHERE name = ?");
  const writeKept = database.prepare("INSERT INTO kept (name, value) VALUES (?, ?)");
  const making = new Map<string, Promise<unknown>>();

  const keep = async <T>(name: string, make: () => T | Promise<T>): Promise<T> => {
    const kept = readKept.get(name);
    if (kept !== undefined) return parsed<T>(kept["value"]);
    const started = making.get(name);
    if (started !== undefined) return (await started) as T;
    const made = Promise.resolve()
      .then(make)
      .then((value) => {
        writeKept.run(name, serialised(value, name));
        return value;
      })
      .finally(() => making.delete(name));
    making.set(name, made);
    return made;
  };

  return { keep, table: (name) => openTable(database, name), close: () => database.close() };
}

function openTable<T>(database: DatabaseSync, name: string): Table<T> {
  const read = database.prepare("SELECT value FROM rows WHERE tbl = ? AND key = ?");
  const write = database.prepare(
    "INSERT INTO rows (tbl, key, value) VALUES (?, ?, ?) ON CONFLICT (tbl, key) DO UPDATE SET value = excluded.value",
  );
  const remove = database.prepare("DELETE FROM rows WHERE tbl = ? AND key = ?");
  const list = database.prepare("SELECT key, value FROM rows WHERE tbl = ? ORDER BY seq");
  return {
    get: (key) => {
      const row = read.get(name, key);
      return row === undefined ? undefined : parsed<T>(row["value"]);
    },
    set: (key, value) => void write.run(name, key, serialised(value, `${name}/${key}`)),
    delete: (key) => void remove.run(name, key),
    entries: () => list.all(name).map((row) => [String(row["key"]), parsed<T>(row["value"])]),
  };
}

function privateFile(folder: string, adapter: string): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, `${adapter}.sqlite`);
  closeSync(openSync(file, "a", 0o600));
  chmodSync(file, 0o600);
  return file;
}

function serialised(value: unknown, what: string): string {
  const text: string | undefined = JSON.stringify(value);
  if (text === undefined) throw new TypeError(`${what}: only JSON values can be kept`);
  return text;
}

function parsed<T>(text: unknown): T {
  return JSON.parse(String(text)) as T;
}
