/** Every folder of `adapters/` keeps every law. Each runs in a process of its own, so that machines with several cores take less. */
import { execFile } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { adapterFolders } from "#gateway";
import { inParallel } from "./calls.ts";
import { loadAdapter } from "./check-adapter.ts";
import { conformance } from "./index.ts";
import type { CheckReport, Runner } from "./index.ts";

const adaptersDir = fileURLToPath(new URL("../../adapters", import.meta.url));
const checkFile = fileURLToPath(new URL("check.ts", import.meta.url));
const atOnce = 4;
const maxOutputBytes = 16 * 1024 * 1024;
const reportTimeoutMs = 120_000;

const names = await adapterFolders(adaptersDir);
const waiting = new Map(names.map((name) => [name, Promise.withResolvers<CheckReport>()]));
// A report that cannot be had fails the tests that read it.
for (const { promise } of waiting.values()) promise.catch(() => undefined);
void inParallel(
  names,
  async (name) => {
    const report = waiting.get(name);
    try {
      report?.resolve(await checkApart(name));
    } catch (error) {
      report?.reject(error);
    }
  },
  atOnce,
);

/** The report of one adapter, from a process of its own. A law that fails ends it with code 1, with the report all the same. */
async function checkApart(name: string): Promise<CheckReport> {
  // The processes load the same modules: compiled once, for all of them and the next time.
  const env = { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), "qiao-compile-cache") };
  const options = { maxBuffer: maxOutputBytes, timeout: reportTimeoutMs, env };
  const run = promisify(execFile)(process.execPath, [checkFile, "--json", name], options);
  const { stdout, stderr } = await run.catch((error: { stdout?: string; stderr?: string }) => ({
    stdout: error.stdout ?? "",
    stderr: error.stderr ?? "",
  }));
  if (!stdout.startsWith("{")) throw new Error(`no report of ${name}:\n${stderr}`);
  return JSON.parse(stdout) as CheckReport;
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

for (const name of names) {
  const [adapter, mock] = await loadAdapter(adaptersDir, name);
  const report = waiting.get(name)?.promise;
  if (report !== undefined) conformance({ adapter, mock, runner: reported(report) });
}

it("finds adapters at all", () => expect(names.length).toBeGreaterThan(4));
