import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import { StoreError, type Failure, type StoreEffect } from "./errors.ts";
import { handlers, readers } from "./sqlite-handlers.ts";
import { readOthers } from "./sqlite-nonces.ts";
import type { Outcome, Unit, UnitName, Units } from "./units.ts";

/** Prepared statements of one connection, each compiled once. */
export interface Sql {
  /** @returns the number of rows changed */
  run(text: string, ...values: SQLInputValue[]): number;
  /** @returns the number of the row that was inserted */
  insert(text: string, ...values: SQLInputValue[]): number;
  one<Row>(text: string, ...values: SQLInputValue[]): Row | undefined;
  all<Row>(text: string, ...values: SQLInputValue[]): Row[];
}

/**
 * Runs units as one transaction with one commit, each atomic. Units seldom fail, and a savepoint costs a copy of each page
 * that is changed under it: so they run without one, and when one fails, all are undone and run again, each in its own.
 * Outcomes are true only once this has returned: the commit is its last step.
 */
export function runBatch(db: DatabaseSync, sql: Sql, units: Unit[]): Outcome[] {
  return transaction(db, sql, units, "together") ?? transaction(db, sql, units, "apart") ?? [];
}

/** `apart`: a unit that fails takes nothing of its neighbours along. `together`: undefined when one failed, and nothing was done. */
function transaction(db: DatabaseSync, sql: Sql, units: Unit[], how: "together" | "apart"): Outcome[] | undefined {
  const all = (thrown: unknown, effect: StoreEffect): Outcome[] => {
    const failure = failureOf(thrown, effect);
    return units.map(() => ({ ok: false, failure }));
  };
  const changes = units.some((unit) => !readers.has(unit.name));
  try {
    sql.run(changes ? "BEGIN IMMEDIATE" : "BEGIN");
    if (changes) readOthers(sql);
  } catch (thrown) {
    if (db.isTransaction) sql.run("ROLLBACK");
    return all(thrown, "none");
  }
  const outcomes: Outcome[] = [];
  for (const unit of units) {
    const reads = readers.has(unit.name);
    try {
      const output = reads || how === "together" ? handle(sql, unit) : inSavepoint(db, sql, unit);
      outcomes.push({ ok: true, output });
    } catch (thrown) {
      // On a full disk or a failed read SQLite may end the whole transaction by itself: then nothing of it stands.
      if (!db.isTransaction) return all(thrown, "none");
      if (!reads && how === "together") {
        sql.run("ROLLBACK");
        return units.length === 1 ? all(thrown, "none") : undefined;
      }
      outcomes.push({ ok: false, failure: failureOf(thrown, "none") });
    }
  }
  try {
    sql.run("COMMIT");
    return outcomes;
  } catch (thrown) {
    if (db.isTransaction) sql.run("ROLLBACK");
    return all(thrown, "unknown");
  }
}

/**
 * SQLite's planner looks at the value of a parameter that stands alone behind LIMIT, and therefore compiles the statement anew
 * each time one is bound (sqlite3ExprIsInteger, since 3.47). It does not look into a sum.
 */
const compiledOnce = (text: string): string => text.replaceAll(/\bLIMIT (\?\d*)/g, "LIMIT $1 + 0");

/** The statements of a connection. */
export function statements(db: DatabaseSync): Sql {
  const prepared = new Map<string, StatementSync>();
  const statement = (text: string): StatementSync => {
    const known = prepared.get(text);
    if (known !== undefined) return known;
    const made = db.prepare(compiledOnce(text));
    prepared.set(text, made);
    return made;
  };
  return {
    run: (text, ...values) => Number(statement(text).run(...values).changes),
    insert: (text, ...values) => Number(statement(text).run(...values).lastInsertRowid),
    one: <Row>(text: string, ...values: SQLInputValue[]) => statement(text).get(...values) as Row | undefined,
    all: <Row>(text: string, ...values: SQLInputValue[]) => statement(text).all(...values) as Row[],
  };
}

function inSavepoint(db: DatabaseSync, sql: Sql, unit: Unit): Units[UnitName]["output"] {
  sql.run("SAVEPOINT unit");
  try {
    const output = handle(sql, unit);
    sql.run("RELEASE unit");
    return output;
  } catch (thrown) {
    if (db.isTransaction) {
      sql.run("ROLLBACK TO unit");
      sql.run("RELEASE unit");
    }
    throw thrown;
  }
}

function handle<Name extends UnitName>(sql: Sql, unit: { name: Name; input: Units[Name]["input"] }) {
  return handlers[unit.name](sql, unit.input);
}

const busy = 5;
const locked = 6;
const uniqueViolation = 2067;
const primaryKeyViolation = 1555;

/** SQLite's result codes (sqlite.org/rescode.html) in the words of this room. */
export function failureOf(thrown: unknown, effect: StoreEffect): Failure {
  if (thrown instanceof StoreError) return { code: thrown.code, message: thrown.message, effect: thrown.effect };
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const result = thrown instanceof Error && "errcode" in thrown ? Number(thrown.errcode) : 0;
  if (result === uniqueViolation || result === primaryKeyViolation) return { code: "conflict", message, effect };
  if ((result & 0xff) === busy || (result & 0xff) === locked) return { code: "store_busy", message, effect };
  return { code: "store_unavailable", message, effect };
}
