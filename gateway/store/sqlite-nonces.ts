import type { Sql } from "./sqlite-batch.ts";
import type { NonceUnit } from "./units.ts";

/**
 * Nonces live for two minutes and come in no order: an index over them would write a page anywhere for each. So the table is only
 * appended to, and what lives is found in a table of the connection's own memory, which is part of the same transactions. `known`
 * says how far that has read, and at which state of the file (PRAGMA data_version): other processes may append too.
 */
export const liveNonces = `
PRAGMA temp_store = MEMORY;
CREATE TEMP TABLE live_nonces (
  keyid TEXT NOT NULL,
  nonce TEXT NOT NULL,
  expires_at_ms INTEGER NOT NULL,
  PRIMARY KEY (keyid, nonce)
) STRICT, WITHOUT ROWID;
CREATE TEMP TABLE known (one INTEGER PRIMARY KEY, data_version INTEGER NOT NULL, nonce_id INTEGER NOT NULL) STRICT;
INSERT INTO temp.known (one, data_version, nonce_id) VALUES (1, -1, 0);
`;

/** True when the nonce was free, or what held it has expired. The transaction has begun with `readOthers`. */
export function claimNonce(sql: Sql, { keyid, nonce, expiresAtMs, nowMs }: NonceUnit): boolean {
  const taken = sql.run(
    `INSERT INTO temp.live_nonces (keyid, nonce, expires_at_ms) VALUES (?, ?, ?)
     ON CONFLICT (keyid, nonce) DO UPDATE SET expires_at_ms = excluded.expires_at_ms WHERE expires_at_ms <= ?`,
    keyid,
    nonce,
    expiresAtMs,
    nowMs,
  );
  if (taken === 0) return false;
  sql.run("INSERT INTO nonces (keyid, nonce, expires_at_ms) VALUES (?, ?, ?)", keyid, nonce, expiresAtMs);
  return true;
}

/** Of the oldest `maxRows`, those that have expired; how many went. Younger ones expire later but for a minute at most. */
export function pruneNonces(sql: Sql, nowMs: number, maxRows: number): number {
  const oldest = sql.all<{ id: number; keyid: string; nonce: string; expiresAtMs: number }>(
    "SELECT id, keyid, nonce, expires_at_ms AS expiresAtMs FROM nonces ORDER BY id LIMIT ?",
    maxRows,
  );
  const expired = oldest.filter(({ expiresAtMs }) => expiresAtMs <= nowMs);
  for (const { id, keyid, nonce } of expired) {
    sql.run("DELETE FROM nonces WHERE id = ?", id);
    sql.run("DELETE FROM temp.live_nonces WHERE keyid = ? AND nonce = ? AND expires_at_ms <= ?", keyid, nonce, nowMs);
  }
  return expired.length;
}

/** What another connection has appended since this one last looked. For the beginning of a transaction that writes. */
export function readOthers(sql: Sql): void {
  const file = sql.one<{ data_version: number }>("PRAGMA data_version")?.data_version ?? 0;
  const known = sql.one<{ version: number; nonceId: number }>(
    "SELECT data_version AS version, nonce_id AS nonceId FROM temp.known WHERE one = 1",
  );
  if (known?.version === file) return;
  sql.run(
    `INSERT INTO temp.live_nonces (keyid, nonce, expires_at_ms)
     SELECT keyid, nonce, expires_at_ms FROM nonces WHERE id > ?
     ON CONFLICT (keyid, nonce) DO UPDATE SET expires_at_ms = max(expires_at_ms, excluded.expires_at_ms)`,
    known?.nonceId ?? 0,
  );
  sql.run(
    "UPDATE temp.known SET data_version = ?, nonce_id = (SELECT coalesce(max(id), 0) FROM nonces) WHERE one = 1",
    file,
  );
}
