/**
 * How long the project's processes take from their spawning until they are ready, and what that costs.
 *
 *   node contracts/bench/start.ts [--runs 5]
 *
 * The gateway alone, with every adapter configured, and the sandbox. CPU time and memory are of all the process's threads, right
 * after it is ready; they are known on Linux only (proc(5)).
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { freePort } from "../../mocks/sandbox/ports.ts";
import type { SandboxFile } from "../../mocks/sandbox/start.ts";
import { host, projectDir, wholeConfig } from "./start/config.ts";

const usualRuns = 5;
const pollEveryMs = 5;
const readyWithinMs = 60_000;
const msPerTick = 10;

interface Start {
  readyMs: number;
  cpuMs: number;
  rssMib: number;
}

/** Finds out where the process's admin port is, once it is known. */
type FindAdmin = () => Promise<string | undefined>;

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { runs: { type: "string", default: String(usualRuns) } } });
  const runs = Number(values.runs);
  if (!Number.isInteger(runs) || runs < 1) throw new Error("--runs: a whole number from 1");
  const dir = await mkdtemp(join(tmpdir(), "qiao-bench-"));
  try {
    const rows = {
      "gateway alone": await measure(runs, (run) => startGateway(dir, run)),
      "gateway and mocks": await measure(runs, (run) => startSandbox(dir, run)),
    };
    process.stdout.write(tableOf(runs, rows));
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

function tableOf(runs: number, rows: Record<string, Start>): string {
  const lines = Object.entries(rows).map(
    ([name, { readyMs, cpuMs, rssMib }]) => `| ${name} | ${readyMs} | ${cpuMs} | ${rssMib} |`,
  );
  const head = [
    `| median of ${runs}, Node ${process.versions.node} | ready ms | CPU ms | RSS MiB |`,
    "|---|---|---|---|",
  ];
  return `${[...head, ...lines].join("\n")}\n`;
}

/** Medians, after one start that nobody counts: the first reads the disk. */
async function measure(runs: number, start: (run: number) => Promise<Start>): Promise<Start> {
  await start(-1);
  const starts: Start[] = [];
  for (let run = 0; run < runs; run++) starts.push(await start(run));
  const median = (field: keyof Start): number =>
    Math.round(starts.map((each) => each[field]).toSorted((a, b) => a - b)[Math.floor(runs / 2)] ?? Number.NaN);
  return { readyMs: median("readyMs"), cpuMs: median("cpuMs"), rssMib: median("rssMib") };
}

async function startGateway(dir: string, run: number): Promise<Start> {
  const file = join(dir, `gateway-${run}.json`);
  const admin = await freePort(host);
  await writeFile(file, JSON.stringify(await wholeConfig(join(dir, `gateway-${run}.sqlite`), admin)));
  return startOne("gateway/main.ts", { QIAO_CONFIG: file }, () => Promise.resolve(`http://${host}:${admin}`));
}

async function startSandbox(dir: string, run: number): Promise<Start> {
  const folder = join(dir, `sandbox-${run}`);
  const ports = { QIAO_PORT: "0", QIAO_ADMIN_PORT: "0", QIAO_VENDOR_PORT: "0" };
  return startOne("mocks/sandbox/main.ts", { ...ports, QIAO_SANDBOX_DIR: folder }, async () => {
    const text = await readFile(join(folder, "sandbox.json"), "utf8").catch(() => undefined);
    return text === undefined ? undefined : (JSON.parse(text) as SandboxFile).admin;
  });
}

async function startOne(file: string, env: Record<string, string>, admin: FindAdmin): Promise<Start> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, [join(projectDir, file)], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const exited = once(child, "exit");
  try {
    let origin = await admin();
    while (origin === undefined || !(await answers(`${origin}/readyz`))) {
      if (child.exitCode !== null) throw new Error(`${file} did not start`);
      if (performance.now() - startedAt > readyWithinMs) throw new Error(`${file} is not ready in time`);
      await sleep(pollEveryMs);
      origin = await admin();
    }
    const readyMs = performance.now() - startedAt;
    return { readyMs, ...(await usageOf(child.pid)) };
  } finally {
    child.kill("SIGTERM");
    await exited;
  }
}

function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    ({ ok }) => ok,
    () => false,
  );
}

/** `utime` and `stime` are the 14th and 15th field of `stat`, in 1/100 s; the 2nd may hold spaces, in brackets. */
async function usageOf(pid: number | undefined): Promise<Omit<Start, "readyMs">> {
  const read = (name: string): Promise<string> => readFile(`/proc/${pid}/${name}`, "utf8").catch(() => "");
  const fields = (await read("stat")).split(") ")[1]?.split(" ") ?? [];
  const rssKib = /^VmRSS:\s+(\d+) kB$/m.exec(await read("status"))?.[1];
  return { cpuMs: (Number(fields[11]) + Number(fields[12])) * msPerTick, rssMib: Number(rssKib) / 1_024 };
}

await main();
