import { DatabaseError } from "pg";
import { StoreError, type StoreEffect, type StoreErrorCode } from "./errors.ts";

/**
 * What may follow a failure of a batch:
 * - `again`: the server undid it for reasons of concurrency; the same may succeed now
 * - `apart`: one unit's data or a row's lock is the cause; each unit by itself
 * - `end`: nothing of it can succeed now
 */
export type Course = "again" | "apart" | "end";

/** A StoreError that knows what may follow. */
export class PostgresFailure extends StoreError {
  readonly course: Course;

  constructor(code: StoreErrorCode, message: string, effect: StoreEffect, course: Course) {
    super(code, message, effect);
    this.course = course;
  }
}

interface Meaning {
  code: StoreErrorCode;
  course: Course;
}

/** SQLSTATEs (postgresql.org/docs/current/errcodes-appendix.html) in the words of this room. */
const meanings: Record<string, Meaning> = {
  "23503": { code: "conflict", course: "apart" }, // foreign_key_violation
  "23505": { code: "conflict", course: "apart" }, // unique_violation
  "23514": { code: "conflict", course: "apart" }, // check_violation
  "40001": { code: "store_busy", course: "again" }, // serialization_failure
  "40P01": { code: "store_busy", course: "again" }, // deadlock_detected
  "55P03": { code: "store_busy", course: "apart" }, // lock_not_available
  "53300": { code: "store_busy", course: "end" }, // too_many_connections
};

/** Two transactions gave one queue a head each: the second finds the first's when it looks again. */
const queueHead = "deliveries_head";
const anotherHead: Meaning = { code: "store_busy", course: "again" };

/** Classes in which one unit's values are the cause: cardinality, data, integrity, limits of a row. */
const unitClasses: ReadonlySet<string> = new Set(["21", "22", "23", "54"]);
/** Classes whose texts speak of the server and the login, never of stored values. */
const serverClasses: ReadonlySet<string> = new Set(["08", "25", "28", "3D", "42", "53", "57"]);

/** True when the server itself says that the statement failed, and goes on talking: then nothing of it stands. */
export function isRefusal(thrown: unknown): boolean {
  return thrown instanceof DatabaseError && thrown.severity === "ERROR";
}

/** Any thrown value as this room's failure. A refusal has no effect; anything else the effect given. */
export function failureOf(thrown: unknown, effect: StoreEffect): StoreError {
  if (thrown instanceof StoreError) return thrown;
  if (!(thrown instanceof DatabaseError)) {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    return new PostgresFailure("store_unavailable", message, effect, "end");
  }
  const state = thrown.code ?? "";
  const meaning = (thrown.constraint === queueHead ? anotherHead : meanings[state]) ?? {
    code: "store_unavailable",
    course: unitClasses.has(state.slice(0, 2)) ? "apart" : "end",
  };
  const what = serverClasses.has(state.slice(0, 2)) ? thrown.message : (thrown.constraint ?? "refused");
  const actual = isRefusal(thrown) ? "none" : effect;
  return new PostgresFailure(meaning.code, `PostgreSQL ${state}: ${what}`, actual, meaning.course);
}

/** One unit's data, or a locked row, is the cause: each unit by itself may fare better. */
export function isApart(thrown: unknown): boolean {
  return thrown instanceof PostgresFailure && thrown.course === "apart";
}
