/** What the rate asks of PostgreSQL. */
import { aim, assumed, keptDays, scattered } from "./inputs.ts";
import type { StoreCosts, WorkloadCosts } from "./inputs.ts";
import { bytes, number } from "./numbers.ts";
import { row } from "./rows.ts";
import type { Row } from "./rows.ts";

const pageBytes = 8_192;
const daySeconds = 86_400;
const minutesADay = 1_440;
/** A table is frozen again before half of 2^32 transaction ids are used up; autovacuum begins at this age. */
const freezeAge = 200e6;

const { effectsPerSecond: rate } = aim;
const readRate = rate * assumed.readsPerEffect;
const meanRate = rate * assumed.meanShare;
/** What one insert of each scattered index does, when the table has what it keeps. */
export function scatteredOf(
  costs: WorkloadCosts,
  perSecond: number,
  servers: number,
): { fullPages: number; bytes: number } {
  let fullPages = 0;
  let size = 0;
  for (const [table, { inserted, indexes }] of Object.entries(costs.tables)) {
    const days = Math.min(keptDays[table] ?? 0, assumed.hotDays);
    for (const [index, entryBytes] of Object.entries(indexes)) {
      if (!scattered.includes(index)) continue;
      const indexBytes = (meanRate / servers) * daySeconds * days * entryBytes;
      const pages = Math.max(1, indexBytes / pageBytes);
      const inserts = (perSecond / servers) * inserted * assumed.checkpointSeconds;
      fullPages += (pages * (1 - Math.exp(-inserts / pages))) / assumed.checkpointSeconds;
      size += indexBytes;
    }
  }
  return { fullPages, bytes: size };
}

/** The fewest servers, partners spread evenly over them, of which none writes or keeps more than it can. */
export function serversNeeded(store: StoreCosts): number {
  for (let servers = 1; servers < 10_000; servers += 1) {
    const wal = walOf(store, servers);
    if (wal.bytes <= assumed.serverWalBytesPerSecond && hotBytes(store) / servers <= assumed.serverDiskBytes)
      return servers;
  }
  throw new Error("no number of servers is enough");
}

function walOf(store: StoreCosts, servers: number): { logical: number; fullPages: number; bytes: number } {
  const each = (rate * withoutPages(store.effect) + readRate * withoutPages(store.read)) / servers;
  const { fullPages } = scatteredOf(store.effect, rate, servers);
  return { logical: each, fullPages, bytes: each + fullPages * pageBytes * assumed.fullPageShare };
}

/** WAL without the full pages that happened to be in the measurement: those of large tables are reckoned. */
function withoutPages({ walBytes, walFullPages }: WorkloadCosts): number {
  return Math.max(0, walBytes - walFullPages * pageBytes);
}

function hotBytes(store: StoreCosts): number {
  return tableDays(store).reduce((sum, { perDay, days }) => sum + perDay * Math.min(days, assumed.hotDays), 0);
}

/** Bytes of each table that a mean day adds, evidence of the reads too. */
function tableDays({ effect, read }: StoreCosts): { table: string; rows: number; perDay: number; days: number }[] {
  return Object.entries(effect.tables)
    .filter(([table]) => keptDays[table] !== undefined && keptDays[table] > 0)
    .map(([table, own]) => {
      const other = read.tables[table];
      const ofRead = (field: "inserted" | "heapBytes" | "indexBytes"): number =>
        (other?.[field] ?? 0) * assumed.readsPerEffect;
      const perDay = meanRate * daySeconds;
      return {
        table,
        rows: perDay * (own.inserted + ofRead("inserted")),
        perDay: perDay * (own.heapBytes + own.indexBytes + ofRead("heapBytes") + ofRead("indexBytes")),
        days: keptDays[table] ?? 0,
      };
    });
}

export function databaseRows(store: StoreCosts): Row[] {
  const { effect, read } = store;
  const whole = walOf(store, 1);
  const servers = serversNeeded(store);
  const wal = walOf(store, servers);
  const random = scatteredOf(effect, rate, servers);
  const cache = assumed.serverMemoryBytes * assumed.indexCacheShare;
  const missed = Math.max(0, 1 - cache / random.bytes);
  const commits = rate * effect.commits + readRate * read.commits;
  const inserts = Object.values(effect.tables).reduce((sum, { inserted }) => sum + inserted, 0);
  return [
    row("rows written/s", `${number(rate)} × ${number(inserts)} inserted, and its updates`, number(rate * inserts)),
    row(
      "statements/s",
      `${number(rate)} × ${number(effect.statements)} + ${number(readRate)} × ${number(read.statements)}`,
      number(rate * effect.statements + readRate * read.statements),
    ),
    row(
      "commits/s, as batched in the measurement",
      `${number(rate)} × ${number(effect.commits)} + ${number(readRate)} × ${number(read.commits)}`,
      number(commits),
    ),
    row(
      "hours until autovacuum must freeze every table",
      `${number(freezeAge)} ids ÷ commits/s`,
      number(freezeAge / commits / 3_600),
    ),
    row(
      "WAL, without full pages",
      `${number(rate)} × ${bytes(withoutPages(effect))} + ${number(readRate)} × ${bytes(withoutPages(read))}`,
      `${bytes(whole.logical)}/s`,
    ),
    row(
      "full pages/s of scattered indexes",
      `one a page touched between checkpoints (${assumed.checkpointSeconds} s)`,
      number(whole.fullPages),
    ),
    row(
      "WAL, with full pages",
      `+ full pages × ${bytes(pageBytes)} × ${assumed.fullPageShare} compressed`,
      `${bytes(whole.bytes)}/s`,
    ),
    row("WAL a mean day", `× ${assumed.meanShare} × 86,400 s`, bytes(whole.bytes * assumed.meanShare * daySeconds)),
    row(
      "**servers needed**",
      `none with more WAL than ${bytes(assumed.serverWalBytesPerSecond)}/s or more disk than ${bytes(assumed.serverDiskBytes)}, ${assumed.hotDays} days hot`,
      `**${number(servers)}**`,
    ),
    row("WAL of each", "as above, its share of the partners", `${bytes(wal.bytes)}/s`),
    row("scattered indexes of each", "entries × kept days", bytes(random.bytes)),
    row(
      "index pages read/s of each",
      `inserts × ${number(missed)} not in ${bytes(cache)} of cache`,
      number((scatteredInserts(effect) * rate * missed) / servers),
    ),
    row("pages written/s of each, at checkpoints", "pages touched ÷ checkpoint", number(random.fullPages)),
  ];
}

function scatteredInserts({ tables }: WorkloadCosts): number {
  return Object.values(tables).reduce(
    (sum, { inserted, indexes }) =>
      sum + inserted * Object.keys(indexes).filter((index) => scattered.includes(index)).length,
    0,
  );
}

export function tableRows(store: StoreCosts): Row[] {
  const tables = tableDays(store).map(({ table, rows, perDay, days }) => {
    const kept = Number.isFinite(days) ? lasting(days) : "for ever";
    const held = Number.isFinite(days)
      ? `${number(rows * days)} rows, ${bytes(perDay * days)}`
      : `${bytes(perDay * 365)} a year`;
    return row(`\`${table}\``, `${number(rows)} rows, ${bytes(perDay)} a day, ${kept}`, held);
  });
  const perDay = tableDays(store).reduce((sum, each) => sum + each.perDay, 0);
  return [
    ...tables,
    row("**all**", `${bytes(perDay)} a day`, `${bytes(hotBytes(store))} with ${assumed.hotDays} days hot`),
  ];
}

function lasting(days: number): string {
  return days < 1 ? `${number(days * minutesADay)} minutes` : `${number(days)} days`;
}
