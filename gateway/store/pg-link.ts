import { Pool, types, type PoolClient } from "pg";
import { StoreError, type StoreEffect } from "./errors.ts";
import { failureOf, isRefusal } from "./pg-failures.ts";
import type { PostgresLimits } from "./pg-limits.ts";

/** A statement; one with a name is prepared once a connection. */
export interface Statement {
  name?: string;
  text: string;
}

export type Value = string | number | boolean | null | undefined | Uint8Array | readonly Value[];

/** Runs statements on one connection. */
export type Run = <Row extends object>(statement: Statement, ...values: Value[]) => Promise<Row[]>;

/** The way to the database. Everything rejects with StoreError only, its `effect` true to what the server was told. */
export interface Link {
  /** Statements that change nothing; repeated once over a new connection when the first was dead. */
  read<T>(work: (run: Run) => Promise<T>): Promise<T>;
  /** Work that runs one statement, which is its own transaction. */
  write<T>(work: (run: Run) => Promise<T>): Promise<T>;
  /** Statements in one transaction: before its commit is sent, a failure has surely no effect. */
  transaction<T>(work: (run: Run) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** A pool of bounded connections; one that broke, or did not answer in time, is never used again. */
export function postgresLink(url: string, limits: PostgresLimits): Link {
  const pool = new Pool({
    connectionString: withSettings(url),
    application_name: "qiao",
    max: limits.maxConnections,
    connectionTimeoutMillis: limits.connectTimeoutMs,
    idleTimeoutMillis: limits.idleConnectionMs,
    statement_timeout: limits.statementTimeoutMs,
    lock_timeout: limits.lockTimeoutMs,
    idle_in_transaction_session_timeout: limits.idleInTransactionTimeoutMs,
    query_timeout: limits.queryTimeoutMs,
    keepAlive: true,
    types: {
      // Times and counters are safe integers: no string, no bigint.
      getTypeParser: ((...of: Parameters<typeof types.getTypeParser>) =>
        of[0] === types.builtins.INT8 ? Number : types.getTypeParser(...of)) as typeof types.getTypeParser,
    },
  });
  // A connection that breaks says so to whoever uses it, and the pool drops it; as an event it would end the process.
  pool.on("error", ignore);
  pool.on("connect", (client) => client.on("error", ignore));

  /** Lends a connection. It goes back when the server has answered all that was asked and no transaction is open. */
  const borrow = async <T>(work: (run: Run) => Promise<T>): Promise<T> => {
    const client = await pool.connect().catch((thrown: unknown) => {
      throw failureOf(thrown, "none");
    });
    let sound = false;
    try {
      const result = await work(runner(client));
      sound = true;
      return result;
    } catch (thrown) {
      sound = isAnswer(thrown);
      throw thrown;
    } finally {
      client.release(!sound || client.getTransactionStatus() !== "I");
    }
  };

  return {
    async read(work) {
      const beganMs = performance.now();
      return borrow(work)
        .catch((thrown: unknown) => {
          if (isAnswer(thrown) || performance.now() - beganMs > limits.retryWindowMs) throw thrown;
          return borrow(work);
        })
        .catch((thrown: unknown) => {
          throw failureOf(thrown, "none");
        });
    },

    write: (work) =>
      borrow(work).catch((thrown: unknown) => {
        throw failureOf(thrown, "unknown");
      }),

    async transaction(work) {
      let effect: StoreEffect = "none";
      return borrow(async (run) => {
        await run(begin);
        const result = await work(run).catch(async (thrown: unknown) => {
          if (isAnswer(thrown)) await run(rollback);
          throw thrown;
        });
        effect = "unknown";
        await run(commit);
        return result;
      }).catch((thrown: unknown) => {
        throw failureOf(thrown, effect);
      });
    },

    async close() {
      const patience = Promise.withResolvers<void>();
      const timer = setTimeout(patience.resolve, limits.closeDeadlineMs);
      await Promise.race([pool.end(), patience.promise]);
      clearTimeout(timer);
    },
  };
}

/** Statements that open and end a transaction. */
const begin: Statement = { text: "BEGIN" };
const rollback: Statement = { text: "ROLLBACK" };
const commit: Statement = { text: "COMMIT" };

function ignore(): void {}

/** The server refused it, or our own code did: the connection itself is sound. */
function isAnswer(thrown: unknown): boolean {
  return isRefusal(thrown) || thrown instanceof StoreError;
}

function runner(client: PoolClient): Run {
  return async <Row extends object>({ name, text }: Statement, ...values: Value[]) =>
    (await client.query<Row>(name === undefined ? { text, values } : { name, text, values })).rows;
}

/**
 * What each connection asks of the server, whatever its defaults are:
 * - commits are on the disk (and on a synchronous replica, where there is one) before they are answered
 * - statements are planned for the size that tables have now: a plan kept from when a table was small reads it from end to
 *   end when it is large, until the server's next ANALYZE. A batch pays for its plan once.
 */
const settings = "-c synchronous_commit=on -c plan_cache_mode=force_custom_plan";

function withSettings(url: string): string {
  const address = new URL(url);
  address.searchParams.set("options", `${address.searchParams.get("options") ?? ""} ${settings}`.trim());
  return address.href;
}
