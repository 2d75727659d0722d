import type { DatabaseSync } from "node:sqlite";
import { migrate } from "./sqlite-migrate.ts";
import { liveNonces } from "./sqlite-nonces.ts";

const migrations = new URL("./migrations/sqlite/", import.meta.url);

/** Makes a connection ready for units: the file's schema, and the tables of the connection itself. @throws as `migrate` */
export function prepareSchema(db: DatabaseSync, onMigration?: () => void): void {
  migrate(db, migrations, onMigration);
  db.exec(liveNonces);
}
