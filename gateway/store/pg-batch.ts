import { setTimeout as sleep } from "node:timers/promises";
import { StoreError, type Failure } from "./errors.ts";
import type { Send } from "./front.ts";
import { failureOf, isApart, isRefusal, PostgresFailure } from "./pg-failures.ts";
import type { PostgresLimits } from "./pg-limits.ts";
import type { Link, Run, Statement } from "./pg-link.ts";
import type { Outcome, UnitName, Units } from "./units.ts";

type Input<Name extends UnitName> = Units[Name]["input"];

/** How many units of one kind are one statement. Row n of its answer tells of unit n by its column `ord`. */
export interface Group<Name extends UnitName, Row extends { ord: number }> {
  /** $1 is a JSON array of rows, see unitsOf(). */
  statement: Statement;
  changes: boolean;
  row(input: Input<Name>): object;
  outcome(row: Row, input: Input<Name>): Outcome;
  /** Names that must not be twice in one statement; a unit that repeats one goes with the next. */
  names?(input: Input<Name>): string[];
  /** Outcomes that need another look, now that the statement is committed. */
  review?(link: Link, inputs: Input<Name>[], outcomes: Outcome[]): Promise<Outcome[]>;
}

/**
 * Sends units of one kind as one statement, which is its own transaction. When the server refuses it because of one
 * unit, or a row stays locked, each unit goes by itself in a savepoint of one transaction, so that none pays for
 * another; when deadlock or serialization undid it, it goes again.
 */
export function grouped<Name extends UnitName, Row extends { ord: number }>(
  link: Link,
  group: Group<Name, Row>,
  limits: PostgresLimits,
): Send {
  const values = (inputs: Input<Name>[]): string =>
    JSON.stringify(inputs.map((input, ord) => ({ ord, ...group.row(input) })));
  const read = (inputs: Input<Name>[], rows: Row[]): Outcome[] => {
    const byOrd = new Map(rows.map((row) => [row.ord, row]));
    return inputs.map((input, ord) => {
      const row = byOrd.get(ord);
      return row ? group.outcome(row, input) : { ok: false, failure: silent };
    });
  };

  const together = async (inputs: Input<Name>[]): Promise<Outcome[]> => {
    const text = values(inputs);
    const rows = await (group.changes ? link.write : link.read)((run) => run<Row>(group.statement, text));
    return read(inputs, rows);
  };

  const apart = (inputs: Input<Name>[], untilMs: number): Promise<Outcome[]> =>
    link.transaction(async (run) => {
      await run({ text: `SET LOCAL lock_timeout = ${limits.aloneLockTimeoutMs}` });
      const outcomes: Outcome[] = [];
      for (const input of inputs) {
        outcomes.push(
          performance.now() > untilMs
            ? { ok: false, failure: late }
            : await inSavepoint(run, async () => {
                const [outcome] = read([input], await run<Row>(group.statement, values([input])));
                return outcome ?? { ok: false, failure: silent };
              }),
        );
      }
      return outcomes;
    });

  const settle = async (inputs: Input<Name>[]): Promise<Outcome[]> => {
    const untilMs = performance.now() + limits.retryWindowMs;
    try {
      return await repeated(() => together(inputs), untilMs, limits.maxRuns);
    } catch (thrown) {
      if (inputs.length === 1 || !isApart(thrown)) throw thrown;
      // The wait for the lock that ended `together` is over; the window for going one by one begins anew.
      return apart(inputs, performance.now() + limits.retryWindowMs);
    }
  };

  return async (units) => {
    const inputs = units.map((unit) => unit.input as Input<Name>);
    const outcomes: Outcome[] = [];
    for (const round of rounds(inputs, group.names)) {
      const of = round.map((at) => inputs[at] as Input<Name>);
      const settled = await settle(of).catch((thrown: unknown) => of.map(() => failedWith(thrown)));
      for (const [place, at] of round.entries()) outcomes[at] = settled[place] ?? { ok: false, failure: silent };
    }
    return group.review ? group.review(link, inputs, outcomes) : outcomes;
  };
}

/** Runs again what deadlock or serialization undid, a few times and only until `untilMs`; nothing of it was stored. */
export async function repeated<T>(work: () => Promise<T>, untilMs: number, maxRuns: number): Promise<T> {
  for (let run = 1; ; run += 1) {
    try {
      return await work();
    } catch (thrown) {
      const again = thrown instanceof PostgresFailure && thrown.course === "again" && thrown.effect === "none";
      if (!again || run >= maxRuns || performance.now() > untilMs) throw thrown;
      await sleep(Math.random() * 10 * run);
    }
  }
}

/** A thrown value as the outcome of a unit. */
export function failedWith(thrown: unknown): Outcome {
  const { code, message, effect } = failureOf(thrown, "unknown");
  return { ok: false, failure: { code, message, effect } };
}

async function inSavepoint(run: Run, work: () => Promise<Outcome>): Promise<Outcome> {
  await run({ text: "SAVEPOINT unit" });
  try {
    const outcome = await work();
    await run({ text: "RELEASE unit" });
    return outcome;
  } catch (thrown) {
    if (!isRefusal(thrown) && !(thrown instanceof StoreError)) throw thrown;
    await run({ text: "ROLLBACK TO unit; RELEASE unit" });
    return failedWith(thrown);
  }
}

/** Places of the inputs, split so that no name is twice in one round; order is kept. */
function rounds<Of>(inputs: Of[], names: ((input: Of) => string[]) | undefined): number[][] {
  if (!names) return [[...inputs.keys()]];
  const split: number[][] = [];
  const lastOf = new Map<string, number>();
  for (const [at, input] of inputs.entries()) {
    const own = names(input);
    const round = Math.max(-1, ...own.map((name) => lastOf.get(name) ?? -1)) + 1;
    for (const name of own) lastOf.set(name, round);
    (split[round] ??= []).push(at);
  }
  return split;
}

const silent: Failure = { code: "store_unavailable", message: "the database gave no outcome", effect: "unknown" };
const late: Failure = { code: "store_busy", message: "rows are locked by others", effect: "none" };
