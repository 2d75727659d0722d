/**
 * Every folder of `adapters/` keeps every law. A process for each core checks its share of them side by side: they mostly
 * wait, and what is compiled once serves all of a process's.
 */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { readAdapters } from "../promise/adapters.ts";
import { missingEvidence } from "../promise/evidence.ts";
import { loadAdapter } from "./check-adapter.ts";
import { compileCache } from "./compile-cache.ts";
import { mappedOperations, subjectOf } from "./conformance.ts";
import { conformance } from "./index.ts";
import type { CheckReport, Runner } from "./index.ts";
import { unproven } from "./proven.ts";

const adaptersDir = fileURLToPath(new URL("../../adapters", import.meta.url));
const checkFile = fileURLToPath(new URL("check.ts", import.meta.url));
const maxOutputBytes = 16 * 1024 * 1024;
const reportTimeoutMs = 120_000;

const folders = await readAdapters();
/** Without a mock the kit has nothing to run against; then nothing may be claimed. */
const names = folders.filter(({ dir }) => existsSync(join(dir, "mock.ts"))).map(({ name }) => name);
const loaded = await Promise.all(names.map((name) => loadAdapter(adaptersDir, name)));
const waiting = new Map<string, Promise<CheckReport>>();
for (const share of shares()) {
  const reports = checkApart(share);
  for (const name of share)
    waiting.set(
      name,
      reports.then((found) => reportIn(found, name)),
    );
}
// A report that cannot be had fails the tests that read it.
for (const report of waiting.values()) report.catch(() => undefined);

/** The adapters, dealt to the cores: whoever has least to do gets the next, the largest first. */
function shares(): string[][] {
  const cores = Array.from({ length: Math.min(availableParallelism(), names.length) }, () => ({
    work: 0,
    names: [] as string[],
  }));
  const sized = loaded.map(([adapter]) => ({ name: adapter.name, work: mappedOperations(adapter).length }));
  for (const { name, work } of sized.toSorted((a, b) => b.work - a.work)) {
    const free = cores.reduce((least, core) => (core.work < least.work ? core : least));
    free.work += work;
    free.names.push(name);
  }
  return cores.map((core) => core.names);
}

/** The reports of some adapters, from a process of their own. A law that fails ends it with code 1, with the report all the same. */
async function checkApart(share: readonly string[]): Promise<{ reports: CheckReport[]; stderr: string }> {
  const env = { ...process.env, ...compileCache };
  const options = { maxBuffer: maxOutputBytes, timeout: reportTimeoutMs, env };
  const run = promisify(execFile)(process.execPath, [checkFile, "--json", ...share], options);
  const { stdout, stderr } = await run.catch((error: { stdout?: string; stderr?: string }) => ({
    stdout: error.stdout ?? "",
    stderr: error.stderr ?? "",
  }));
  const lines = stdout.split("\n").filter((line) => line.startsWith("{"));
  return { reports: lines.map((line) => JSON.parse(line) as CheckReport), stderr };
}

function reportIn({ reports, stderr }: Awaited<ReturnType<typeof checkApart>>, name: string): CheckReport {
  const report = reports.find(({ adapter }) => adapter === name);
  if (report === undefined) throw new Error(`no report of ${name}:\n${stderr}`);
  return report;
}

/** Registers the suite's tests with vitest; what each of them came to is read in the report. */
function reported(report: Promise<CheckReport>): Runner {
  let law = "";
  const register = (check: string, ofLaw = law) =>
    it(
      `${ofLaw}: ${check}`,
      async () => {
        const { results } = await report;
        const result = results.find((each) => each.law === ofLaw && each.check === check);
        expect(result?.reason ?? result?.result).toBe("passed");
      },
      reportTimeoutMs,
    );
  return {
    describe(name, body) {
      // vitest calls the bodies later, in order.
      describe(`§ ${name}`, () => {
        law = name.split(":")[0] ?? "";
        body();
      });
    },
    it: Object.assign((name: string) => register(name), {
      skip: (name: string) =>
        it(`${law}: ${name}`, ({ skip }) => {
          // A skip has its reason.
          expect(name).toMatch(/ \(.+\)$/s);
          skip(name);
        }),
    }),
    expect,
    afterAll: () => undefined,
  };
}

for (const [adapter, mock] of loaded) {
  const report = waiting.get(adapter.name);
  if (report === undefined) throw new Error(`${adapter.name} is in nobody's share`);
  conformance({ adapter, mock, runner: reported(report) });
}

describe("the grade of proof, by what came of this run", () => {
  it.each(folders)(
    "of $name has its evidence",
    async ({ dir, name, manifest }) => {
      const report = await waiting.get(name);
      const pair = loaded.find(([adapter]) => adapter.name === name);
      const open = report === undefined || pair === undefined ? undefined : unproven(subjectOf(...pair), report);
      expect(missingEvidence(dir, manifest, open)).toEqual([]);
    },
    reportTimeoutMs,
  );
});

it("finds adapters at all", () => expect(names.length).toBeGreaterThan(4));
