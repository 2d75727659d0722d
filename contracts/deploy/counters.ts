/** What a PostgreSQL server did between two moments, by its own counters. It must serve nobody else meanwhile. */
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";

/** An idle connection tells its counters after ten seconds at the latest. */
const statsDelayMs = 11_000;

interface Table {
  inserted: number;
  updated: number;
  deleted: number;
  /** With TOAST, without indexes. */
  heapBytes: number;
  /** Of all its indexes, and of each. */
  indexBytes: number;
  indexes: Record<string, number>;
}

/** Units of a kind in one statement, and what one statement takes the server, its waits for locks included. */
interface Batch {
  units: number;
  ms: number;
}

interface Reading {
  walBytes: number;
  walRecords: number;
  walFullPages: number;
  commits: number;
  statements: number;
  tables: Record<string, Table>;
}

/** The numbers of one workload, each for one of its units (an effect, a read). */
interface Costs extends Omit<Reading, "tables"> {
  units: number;
  perSecond: number;
  batched: Record<string, Batch>;
  tables: Record<string, Table>;
}

export interface Counters {
  /** Runs the work and says what each of its units cost the server. */
  around(units: number, work: () => Promise<void>): Promise<Costs>;
  close(): Promise<void>;
}

/** @throws Error when the server has no pg_stat_statements, without which statements cannot be counted */
export async function openCounters(url: string): Promise<Counters> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query("CREATE EXTENSION IF NOT EXISTS pg_stat_statements");
  const one = async (text: string): Promise<Record<string, number>> => {
    const [row = {}] = (await client.query<Record<string, string>>(text)).rows;
    return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, Number(value)]));
  };

  async function read(): Promise<Reading> {
    await sleep(statsDelayMs);
    const wal = await one(
      `SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0') AS bytes, wal_records AS records, wal_fpi AS pages FROM pg_stat_wal`,
    );
    const commits = await one("SELECT xact_commit AS n FROM pg_stat_database WHERE datname = current_database()");
    const statements = await one(
      "SELECT sum(calls) AS n FROM pg_stat_statements JOIN pg_database d ON d.oid = dbid WHERE datname = current_database()",
    );
    const { rows } = await client.query<Record<string, string>>(
      `SELECT relname, n_tup_ins, n_tup_upd, n_tup_del, pg_table_size(relid) AS heap, pg_indexes_size(relid) AS index
         FROM pg_stat_user_tables WHERE schemaname = current_schema()`,
    );
    const indexes = await client.query<{ table: string; index: string; bytes: string }>(
      `SELECT relname AS table, indexrelname AS index, pg_relation_size(indexrelid) AS bytes
         FROM pg_stat_user_indexes WHERE schemaname = current_schema()`,
    );
    const tables = rows.map((row): [string, Table] => [
      String(row["relname"]),
      {
        inserted: Number(row["n_tup_ins"]),
        updated: Number(row["n_tup_upd"]),
        deleted: Number(row["n_tup_del"]),
        heapBytes: Number(row["heap"]),
        indexBytes: Number(row["index"]),
        indexes: Object.fromEntries(
          indexes.rows
            .filter(({ table }) => table === row["relname"])
            .map(({ index, bytes }) => [index, Number(bytes)]),
        ),
      },
    ]);
    const { bytes = 0, records = 0, pages = 0 } = wal;
    return {
      walBytes: bytes,
      walRecords: records,
      walFullPages: pages,
      commits: commits["n"] ?? 0,
      statements: statements["n"] ?? 0,
      tables: Object.fromEntries(tables),
    };
  }

  /** The store's batched statements: one row is one unit. */
  async function batched(): Promise<Record<string, Batch>> {
    const marks = {
      begin: "%standing.answer%",
      complete: "%answered_at_ms =%",
      appendAudit: "INSERT INTO audit (chain%",
    };
    const all: [string, Batch][] = [];
    for (const [name, like] of Object.entries(marks)) {
      const { rows } = await client.query<{ units: string | null; ms: string | null }>(
        `SELECT sum(rows)::float8 / nullif(sum(calls), 0) AS units, sum(total_exec_time) / nullif(sum(calls), 0) AS ms
           FROM pg_stat_statements WHERE query LIKE $1 AND query NOT LIKE '%pg_stat%'`,
        [like],
      );
      const [{ units, ms } = {}] = rows;
      all.push([name, { units: rounded(Number(units ?? 0)), ms: rounded(Number(ms ?? 0)) }]);
    }
    return Object.fromEntries(all.filter(([, { units }]) => units > 0));
  }

  return {
    async around(units, work) {
      await client.query("SELECT pg_stat_statements_reset()");
      const before = await read();
      await client.query("CHECKPOINT");
      const startedMs = performance.now();
      await work();
      const seconds = (performance.now() - startedMs) / 1_000;
      const after = await read();
      const groups = await batched();
      // Dead row versions are what the server's own upkeep takes away: sizes are told without them.
      await client.query("VACUUM ANALYZE");
      const { tables: kept } = await read();
      const each = (of: (reading: Reading) => number): number => rounded((of(after) - of(before)) / units);
      const tables = Object.keys(kept).map((name): [string, Table] => {
        const share = (field: Exclude<keyof Table, "indexes">, now: Reading["tables"] = after.tables): number =>
          rounded(((now[name]?.[field] ?? 0) - (before.tables[name]?.[field] ?? 0)) / units);
        const grown = Object.entries(kept[name]?.indexes ?? {}).map(([index, bytes]): [string, number] => [
          index,
          rounded((bytes - (before.tables[name]?.indexes[index] ?? 0)) / units),
        ]);
        return [
          name,
          {
            inserted: share("inserted"),
            updated: share("updated"),
            deleted: share("deleted"),
            heapBytes: share("heapBytes", kept),
            indexBytes: share("indexBytes", kept),
            indexes: Object.fromEntries(grown.filter(([, bytes]) => bytes > 0)),
          },
        ];
      });
      return {
        units,
        perSecond: rounded(units / seconds),
        walBytes: each(({ walBytes }) => walBytes),
        walRecords: each(({ walRecords }) => walRecords),
        walFullPages: each(({ walFullPages }) => walFullPages),
        commits: each(({ commits }) => commits),
        statements: each(({ statements }) => statements),
        batched: groups,
        tables: Object.fromEntries(tables.filter(([, { inserted, updated }]) => inserted + updated > 0).toSorted()),
      };
    },
    close: () => client.end(),
  };
}

const precision = 1_000;

function rounded(value: number): number {
  return Math.round(value * precision) / precision;
}
