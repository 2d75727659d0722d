/** One, two and four processes on one port and one PostgreSQL: what a request costs all of them together. */
import { randomBytes } from "node:crypto";
import { readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import { migratePostgres } from "../../../gateway/store/pg-migrate.ts";
import { freePort } from "../../../mocks/sandbox/ports.ts";
import type { Usage } from "../builds/main.ts";
import { newJwk } from "../builds/keys.ts";
import { benchConfig } from "../builds/qiao.ts";
import { cores, startChild } from "../child.ts";
import type { StartedBuild } from "../stage.ts";
import { flat, inTurns, warmUp } from "./points.ts";
import type { Place } from "./points.ts";
import type { Axis, Setting } from "./types.ts";

const databaseUrl = process.env["QIAO_TEST_DATABASE_URL"] ?? "postgres://postgres@127.0.0.1:5432/test";
const processCounts = [1, 2, 4] as const;
/** More processes are there for more load; with the same one each would find less to do at a time. */
const connectionsEach = 8;
/** Processes that share a core are slow to get warm. */
const warmUpTimes = 3;
const readyWithinMs = 30_000;
const pollMs = 100;

/** CPU is of all the gateway's processes, not of the database. */
export const processesAxis: Axis = async (setting) => {
  const schema = `qiao_bench_${randomBytes(6).toString("hex")}`;
  const url = new URL(databaseUrl);
  url.searchParams.set("options", `-c search_path=${schema} -c client_min_messages=warning`);
  const client = new Client({ connectionString: databaseUrl });
  await client.connect().catch((error: unknown) => {
    throw new Error(`the axis of processes needs a PostgreSQL at QIAO_TEST_DATABASE_URL: ${String(error)}`);
  });
  await client.query(`CREATE SCHEMA ${schema}`);
  const started: Started[] = [];
  try {
    await migratePostgres(url.href);
    const places: Place[] = [];
    for (const count of processCounts) {
      const on = await startProcesses(setting, url.href, count);
      started.push(on);
      places.push({ x: count, on: on.build, round: { connections: count * connectionsEach } });
    }
    for (const { x, on, round } of places) await warmUp(setting, on, round, x * warmUpTimes);
    return flat("processes, on one port", await inTurns(setting, "processes", places, "busy"));
  } finally {
    for (const { stop } of started) await stop();
    await client.query(`DROP SCHEMA ${schema} CASCADE`);
    await client.end();
  }
};

interface Started {
  build: StartedBuild;
  stop(): Promise<void>;
}

async function startProcesses({ stage }: Setting, url: string, count: number): Promise<Started> {
  const [port, adminPort] = [await freePort("127.0.0.1"), await freePort("127.0.0.1")];
  const publicOrigin = `http://127.0.0.1:${port}`;
  const { partners, vendor, dir } = stage;
  const options = { port, publicOrigin, partners, signing: await newJwk(), vendor, dir };
  const file = join(dir, `processes-${count}.json`);
  const keys = [{ id: "1", key: Buffer.alloc(32, 1).toString("base64url") }];
  const admin = { host: "127.0.0.1", port: adminPort };
  const { origin, secret } = vendor;
  const config = benchConfig(options, {
    store: { url, keys },
    admin,
    adapters: { "bench-vendor": { origin, secret } },
  });
  await writeFile(file, JSON.stringify(config));
  const child = startChild("../../gateway/main.ts", {
    core: cores.build,
    log: join(dir, `processes-${count}.log`),
    args: ["--workers", String(count)],
    env: { QIAO_CONFIG: file },
  });
  await ready(`http://127.0.0.1:${adminPort}/readyz`);
  const say = async (): Promise<never> => (await usageOf(child.pid)) as never;
  return { build: { build: "qiao", port, publicOrigin, child, say }, stop: () => child.stop() };
}

async function ready(url: string): Promise<void> {
  const untilMs = performance.now() + readyWithinMs;
  while (performance.now() < untilMs) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.status === 200) return;
    await sleep(pollMs);
  }
  throw new Error(`${url}: not ready in ${readyWithinMs} ms`);
}

/** Linux: the time on a processor of all threads of the process and its children, in nanoseconds, from `schedstat`. */
async function usageOf(pid: number): Promise<Usage> {
  const read = (path: string) => readFile(path, "utf8").catch(() => "");
  const tasks = await readdir(`/proc/${pid}/task`).catch(() => []);
  let cpuUs = 0;
  let rssBytes = 0;
  for (const task of tasks) {
    const dir = `/proc/${pid}/task/${task}`;
    cpuUs += Number((await read(`${dir}/schedstat`)).split(" ")[0]) / 1_000;
    for (const childPid of (await read(`${dir}/children`)).split(" ").filter(Boolean)) {
      const of = await usageOf(Number(childPid));
      cpuUs += of.cpuUs;
      rssBytes += of.rssBytes;
    }
  }
  return { cpuUs, mainThreadUs: NaN, allocatedBytes: NaN, rssBytes };
}
