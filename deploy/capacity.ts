/**
 * Computes the tables of capacity.md from what was measured, and writes them into it.
 *
 *   node deploy/capacity.ts [--check]
 *
 * deploy/capacity-store.json: contracts/deploy/measure.ts makes it. contracts/bench/results.json: the bench makes it; without it, what
 * needs CPU times says so. With --check nothing is written; exit code 1 when the page is not what the numbers give.
 */
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { z } from "zod";
import type { StoreCosts } from "./capacity/inputs.ts";
import { assumed } from "./capacity/inputs.ts";
import { databaseRows, tableRows } from "./capacity/database.ts";
import { gatewayRows, limitRows } from "./capacity/gateway.ts";
import type { Row } from "./capacity/rows.ts";
import { bytes, number } from "./capacity/numbers.ts";

const pageFile = fileURLToPath(new URL("capacity.md", import.meta.url));
const storeFile = fileURLToPath(new URL("capacity-store.json", import.meta.url));
const benchFile = fileURLToPath(new URL("../contracts/bench/results.json", import.meta.url));

const workload = z.object({ cpuMs: z.number().positive() });
const benchResults = z.object({ read: workload, effect: workload });

const batch = z.object({ units: z.number(), ms: z.number() });
const table = z.object({
  inserted: z.number(),
  updated: z.number(),
  deleted: z.number(),
  heapBytes: z.number(),
  indexBytes: z.number(),
  indexes: z.record(z.string(), z.number()),
});
const costs = z.object({
  units: z.number(),
  walBytes: z.number(),
  walRecords: z.number(),
  walFullPages: z.number(),
  commits: z.number(),
  statements: z.number(),
  batched: z.record(z.string(), batch),
  tables: z.record(z.string(), table),
});
const storeCosts: z.ZodType<StoreCosts> = z.object({
  server: z.string(),
  concurrency: z.number(),
  partners: z.number(),
  effect: costs,
  effectFinalAtOnce: costs,
  read: costs,
});

/** The page with every computed table made anew. @throws Error for a page without one of them */
export function computed(text: string, store: unknown, bench: unknown): string {
  const known = storeCosts.parse(store);
  const cpu = bench === undefined ? undefined : benchResults.parse(bench);
  const tables: Record<string, string> = {
    costs: costTable(known, cpu),
    assumed: listed(
      Object.entries(assumed).map(([name, value]) => [`\`${name}\``, number(value)]),
      ["assumed", "value"],
    ),
    gateway: steps(gatewayRows(cpu)),
    database: steps(databaseRows(known)),
    tables: steps(tableRows(known)),
    limits: steps(limitRows(known)),
  };
  return Object.entries(tables).reduce((page, [name, made]) => {
    const [start, end] = [`<!-- computed: ${name} -->`, "<!-- end -->"];
    const from = page.indexOf(start);
    const to = page.indexOf(end, from);
    if (from < 0 || to < 0) throw new Error(`the page has no place for the table ${name}`);
    return `${page.slice(0, from)}${start}\n\n${made}\n\n${page.slice(to)}`;
  }, text);
}

function costTable(
  { effect, effectFinalAtOnce, read }: StoreCosts,
  cpu: z.output<typeof benchResults> | undefined,
): string {
  const each = [effect, effectFinalAtOnce, read];
  const inserted = (of: (typeof each)[number]): number =>
    Object.values(of.tables).reduce((sum, one) => sum + one.inserted, 0);
  const changed = (of: (typeof each)[number]): number =>
    Object.values(of.tables).reduce((sum, one) => sum + one.updated + one.deleted, 0);
  const disk = (of: (typeof each)[number]): number =>
    Object.values(of.tables).reduce((sum, one) => sum + one.heapBytes + one.indexBytes, 0);
  const line = (what: string, of: (costs: (typeof each)[number]) => string): string[] => [what, ...each.map(of)];
  const ms = (value: number | undefined): string => (value === undefined ? "not measured" : number(value));
  return listed(
    [
      line("rows inserted", (of) => number(inserted(of))),
      line("rows updated or deleted", (of) => number(changed(of))),
      line("statements", ({ statements }) => number(statements)),
      line("commits", ({ commits }) => number(commits)),
      line("WAL", ({ walBytes }) => bytes(walBytes)),
      line("of it full pages", ({ walFullPages }) => number(walFullPages)),
      line("bytes on disk", (of) => bytes(disk(of))),
      ["`cpu_ms_per_effect`, `cpu_ms_per_read`", ms(cpu?.effect.cpuMs), "", ms(cpu?.read.cpuMs)],
    ],
    ["for one", "effect with callback and webhook", "effect final at once, with webhook", "read"],
  );
}

function steps(rows: readonly Row[]): string {
  return listed(
    rows.map(({ what, how, value }) => [what, how, value]),
    ["what", "from", "value"],
  );
}

function listed(rows: readonly (readonly string[])[], head: readonly string[]): string {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { check: { type: "boolean", default: false } } });
  const [text, store] = await Promise.all([readFile(pageFile, "utf8"), readFile(storeFile, "utf8")]);
  const bench = await readFile(benchFile, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
    process.stdout.write("no contracts/bench/results.json: what needs CPU times stays open\n");
    return undefined;
  });
  const made = computed(text, JSON.parse(store), bench === undefined ? undefined : JSON.parse(bench));
  if (made === text) return;
  if (values.check) throw new Error("deploy/capacity.md is not what its numbers give: run node deploy/capacity.ts");
  await writeFile(pageFile, made);
  process.stdout.write("deploy/capacity.md is written anew\n");
}

if (import.meta.main) {
  await main().catch((error: unknown) => {
    process.stderr.write(`capacity: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  });
}
