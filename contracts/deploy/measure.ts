/**
 * Measures what an effect and a read cost PostgreSQL: statements, commits, WAL, rows, bytes on disk. The whole gateway runs, with
 * mock vendors, partners that sign and verify, callbacks and webhooks; the numbers are the server's own.
 *
 *   QIAO_MEASURE_DATABASE_URL=postgres://postgres@127.0.0.1:5432/test node contracts/deploy/measure.ts [--units 10000]
 *
 * The server must serve nobody else and have `shared_preload_libraries = pg_stat_statements`; a schema is made there and dropped.
 * Writes deploy/capacity-store.json, which deploy/capacity.ts reads.
 */
import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Client } from "pg";
import { migratePostgres } from "../../gateway/store/pg-migrate.ts";
import type { Partner } from "../../mocks/partner/client.ts";
import { openCounters } from "./counters.ts";
import { startWorld } from "./world.ts";
import type { World } from "./world.ts";

const resultFile = fileURLToPath(new URL("../../deploy/capacity-store.json", import.meta.url));
const usualUnits = "10000";
/** Calls under way at once, fewer than the bulkhead of one vendor lets through, spread over so many partners. */
const concurrency = 48;
const partners = 8;
/** Effects begun whose event was not told yet: a process with more to do than it can makes its vendors' callbacks wait. */
const maxUntold = 200;
/** For the callbacks and webhooks of the last calls. */
const settledWithinMs = 600_000;
const pollMs = 20;

const instalment = {
  amount: { amount: "1000.00", currency: "CNY" },
  periods: 6,
  feeBearer: "customer",
  subject: "洗衣机 XQG100 滚筒 10 公斤",
  payer: { type: "account", accountId: "2088102146225135" },
};
const check = { type: "id_two_factor", name: "张三", nationalId: "11010519491231002X" };

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { units: { type: "string", default: usualUnits } } });
  const units = Number(values.units);
  if (!Number.isInteger(units) || units < 1) throw new Error("--units: a whole number from 1");
  const server = process.env["QIAO_MEASURE_DATABASE_URL"];
  if (server === undefined) throw new Error("set QIAO_MEASURE_DATABASE_URL to a PostgreSQL that serves nobody else");
  const schema = `qiao_measure_${randomBytes(6).toString("hex")}`;
  const address = new URL(server);
  address.searchParams.set("options", `-c search_path=${schema},public -c client_min_messages=warning`);
  const client = new Client({ connectionString: server });
  await client.connect();
  await client.query(`CREATE SCHEMA ${schema}`);
  try {
    await migratePostgres(address.href);
    const { server_version: version } = (await client.query<{ server_version: string }>("SHOW server_version"))
      .rows[0]!;
    const costs = await measure(address.href, units);
    const text = `${JSON.stringify({ server: `PostgreSQL ${version}`, concurrency, partners, ...costs }, null, 2)}\n`;
    await writeFile(resultFile, text);
    process.stdout.write(text);
  } finally {
    await client.query(`DROP SCHEMA ${schema} CASCADE`);
    await client.end();
  }
}

async function measure(url: string, units: number) {
  await using undo = new AsyncDisposableStack();
  const { gateway, us, hook } = await startWorld(url, partners, undo);
  const counters = await openCounters(url);
  undo.defer(() => counters.close());
  for (const each of us) {
    await expected(each.request("POST", "/v1/webhook-endpoints", { body: { url: hook.url, types: ["*"] } }), 201);
  }
  const ids: string[] = [];
  const paid = await counters.around(units, () =>
    effects({ units, us, hook }, async (one, at) => {
      const body = { ...instalment, reference: `r-${at}` };
      ids[at] = ((await expected(one.request("POST", "/v1/instalments", { body }), 201)) as { id: string }).id;
    }),
  );
  const checked = await counters.around(units, () =>
    effects({ units, us, hook }, (one) => expected(one.request("POST", "/v1/identity-checks", { body: check }), 201)),
  );
  const read = await counters.around(units, () =>
    spread(units, us, (one, at) => expected(one.request("GET", `/v1/instalments/${ids[at]}`), 200)),
  );
  await gateway.drain();
  return { effect: paid, effectFinalAtOnce: checked, read };
}

/** Effects of which each is told by an event; ends when all are. */
async function effects(
  { units, us, hook }: Pick<World, "us" | "hook"> & { units: number },
  work: (one: Partner, at: number) => Promise<unknown>,
): Promise<void> {
  const before = hook.told();
  const untold = (begun: number): number => begun - (hook.told() - before);
  const state = (): string => `${untold(units)} of ${units} events are not told`;
  await spread(units, us, async (one, at) => {
    await until(() => untold(at) < maxUntold, state);
    await work(one, at);
  });
  await until(() => untold(units) <= 0, state);
}

async function expected(call: ReturnType<Partner["request"]>, status: number): Promise<unknown> {
  const answer = await call;
  if (answer.status !== status) throw new Error(`${answer.status} instead of ${status}: ${answer.text}`);
  return answer.body;
}

async function spread(
  units: number,
  us: Partner[],
  work: (one: Partner, at: number) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let at = next++; at < units; at = next++) await work(us[at % us.length]!, at);
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
}

async function until(holds: () => boolean, state: () => string): Promise<void> {
  const startedMs = performance.now();
  while (!holds()) {
    if (performance.now() - startedMs > settledWithinMs) throw new Error(`not settled in time: ${state()}`);
    await sleep(pollMs);
  }
}

await main();
