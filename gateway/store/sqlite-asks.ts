import type { SQLInputValue } from "node:sqlite";
import { StoreError } from "./errors.ts";
import type { Sql } from "./sqlite-batch.ts";
import type { AskUnit } from "./units-recovery.ts";

/*
 * A resource that begins says in its own row when it is to be asked about (`intent_ask_at_ms`); nearly every one is settled before.
 * All other asks, and those of intents once they are due, have a row in `asks`. A resource has one of the two at most.
 */

/** Sets when a resource is to be asked about (null: no more), ends a lease and starts the count anew. */
export function setAsk(sql: Sql, ask: AskUnit): void {
  sql.run("UPDATE resources SET intent_ask_at_ms = NULL WHERE id = ? AND intent_ask_at_ms IS NOT NULL", ask.id);
  replaceAsk(sql, ask);
}

/** The same for a resource that is no intent any more. */
export function replaceAsk(sql: Sql, { id, askAtMs }: AskUnit): void {
  if (askAtMs === null) {
    sql.run("DELETE FROM asks WHERE resource_id = ?", id);
    return;
  }
  sql.run(
    `INSERT INTO asks (resource_id, due_at_ms) VALUES (?, ?) ON CONFLICT (resource_id) DO UPDATE
     SET due_at_ms = excluded.due_at_ms, leased_until_ms = NULL, asks = 0, stuck = 0`,
    id,
    askAtMs,
  );
}

/** Everything that recovery knows of a resource, gone with it. */
export function dropAsks(sql: Sql, id: string): void {
  sql.run("DELETE FROM asks WHERE resource_id = ?", id);
  sql.run("DELETE FROM touches WHERE resource_id = ?", id);
}

interface ClaimKey {
  partner: string;
  key: Uint8Array;
}

/** An act begins: until its claim ends, its target is to be asked about from a time on. */
export function touch(sql: Sql, { partner, key }: ClaimKey, target: { id: string; askAtMs: number }): void {
  if (!sql.one("SELECT 1 FROM resources WHERE id = ?", target.id)) {
    throw new StoreError("conflict", `there is no resource ${target.id} to act on`);
  }
  sql.run(
    "INSERT INTO touches (partner, key, resource_id, ask_at_ms) VALUES (?, ?, ?, ?)",
    partner,
    key,
    target.id,
    target.askAtMs,
  );
}

/** An act has ended: what it would have left to recovery is void. */
export function untouch(sql: Sql, { partner, key }: ClaimKey): void {
  sql.run("DELETE FROM touches WHERE partner = ? AND key = ?", partner, key);
}

const inherit = `ON CONFLICT (resource_id) DO UPDATE
  SET due_at_ms = min(coalesce(due_at_ms, excluded.due_at_ms), excluded.due_at_ms),
    leased_until_ms = NULL, asks = 0, stuck = 0`;

/** A key is used anew: what its former act touched and never finished is left to recovery. */
export function inheritTouch(sql: Sql, { partner, key }: ClaimKey): void {
  if (!sql.one("SELECT 1 FROM touches WHERE partner = ? AND key = ?", partner, key)) return;
  moveIntents(sql, "id IN (SELECT resource_id FROM touches WHERE partner = ? AND key = ?)", partner, key);
  sql.run(
    `INSERT INTO asks (resource_id, due_at_ms)
     SELECT resource_id, ask_at_ms FROM touches WHERE partner = ? AND key = ? ${inherit}`,
    partner,
    key,
  );
  untouch(sql, { partner, key });
}

/**
 * The acts that should have ended by now are taken for dead, and their targets left to recovery. One that is being asked
 * about at the moment waits: that ask may have come before the act's effect.
 */
export function inheritDueTouches(sql: Sql, nowMs: number): void {
  const due = `ask_at_ms <= ?1 AND NOT EXISTS
    (SELECT 1 FROM asks WHERE asks.resource_id = touches.resource_id AND asks.leased_until_ms > ?1)`;
  moveIntents(sql, `id IN (SELECT resource_id FROM touches WHERE ${due})`, nowMs);
  sql.run(
    `INSERT INTO asks (resource_id, due_at_ms)
     SELECT resource_id, ask_at_ms FROM touches WHERE ${due} ${inherit}`,
    nowMs,
  );
  sql.run(`DELETE FROM touches WHERE ${due}`, nowMs);
}

/** What intents say of themselves becomes rows of `asks`: those that are due, or the one that is named. */
export function inheritDueIntents(sql: Sql, nowMs: number): void {
  moveIntents(sql, "intent_ask_at_ms <= ?", nowMs);
}

export function inheritIntent(sql: Sql, id: string): void {
  moveIntents(sql, "id = ?", id);
}

function moveIntents(sql: Sql, which: string, ...values: SQLInputValue[]): void {
  const where = `WHERE ${which} AND intent_ask_at_ms IS NOT NULL`;
  const moved = sql.run(
    `INSERT INTO asks (resource_id, due_at_ms) SELECT id, intent_ask_at_ms FROM resources ${where}`,
    ...values,
  );
  if (moved > 0) sql.run(`UPDATE resources SET intent_ask_at_ms = NULL ${where}`, ...values);
}
