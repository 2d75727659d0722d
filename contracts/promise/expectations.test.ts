/** Partners' expectations, run as they run them: by the command, against a sandbox. */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { openRoad } from "../road/setup.fixture.ts";
import type { Road } from "../road/setup.fixture.ts";
import { projectDir } from "./adapters.ts";
import { command } from "./expectations/command.ts";
import { readExpectations } from "./expectations/format.ts";
import { differencesFrom } from "./expectations/match.ts";
import { runExpectations } from "./expectations/run.ts";

const exampleFile = join(projectDir, "contracts/promise/expectations/example.yaml");
const dir = mkdtempSync(join(tmpdir(), "qiao-expectations-"));
let road: Road;

beforeAll(async () => {
  road = await openRoad({ adapters: ["tencent-faceid", "plaid-check"] });
});
afterAll(async () => {
  await road.close();
  rmSync(dir, { recursive: true });
});

let files = 0;

function fileOf(...expectations: object[]): string {
  const path = join(dir, `${(files += 1)}.yaml`);
  writeFileSync(path, stringify({ qiao: "expectations/1", partner: "Test", expectations }));
  return path;
}

interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

async function ran(...args: string[]): Promise<Ended> {
  let [stdout, stderr] = ["", ""];
  const code = await command(args, { out: (text) => void (stdout += text), error: (text) => void (stderr += text) });
  return { code, stdout, stderr };
}

const capabilities = { method: "GET", path: "/v1/capabilities" };

describe("the command", () => {
  it("keeps the example of the documentation, against a sandbox that it starts itself", async () => {
    const { code, stdout } = await promisify(execFile)(process.execPath, [
      join(projectDir, "contracts/promise/expectations.ts"),
      exampleFile,
    ]).then((ended) => ({ code: 0, ...ended }));
    expect(stdout).toMatch(/6 of 6 expectations of Example Consumer Finance are kept by a sandbox of this build/);
    expect(code).toBe(0);
  });

  it("fails on what is not kept, and says in what it differs and under which request id", async () => {
    const file = fileOf(
      { name: "good", request: capabilities, answer: { status: 200 } },
      { name: "bad", request: capabilities, answer: { status: 200, body: { "/data": { type: "string" } } } },
    );
    const key = road.sandbox.keys.partners.a.keyFile;
    const { code, stdout } = await ran(file, "--origin", road.origin, "--key", key);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^kept +good/m);
    const words = "body /data: string expected, array came";
    expect(stdout).toMatch(/^broken bad .*\n +body \/data: string expected, array came req_\w+$/m);
    const json = await ran(file, "--sandbox", road.sandbox.dir, "--json");
    expect(JSON.parse(json.stdout)).toMatchObject([{ kept: true }, { kept: false, differences: [words] }]);
  });

  it.each<[string, () => string[], RegExp]>([
    ["no file", () => [], /FILE is expected/],
    ["a file that is not there", () => [join(dir, "none.yaml")], /ENOENT/],
    [
      "a file of another form",
      () => [fileOf({ name: "x", request: { method: "PUT", path: "x" }, answer: {} })],
      /expectations\/0\/request\/method: .*\n.*expectations\/0\/request\/path: /,
    ],
    [
      "a sandbox that does not run",
      () => [fileOf({ name: "x", request: capabilities, answer: { status: 200 } }), "--sandbox", dir],
      /start the sandbox with: npm start/,
    ],
    [
      "a gateway that is not there",
      () => [
        fileOf({ name: "x", request: capabilities, answer: { status: 200 } }),
        "--origin",
        "http://127.0.0.1:9",
        "--key",
        "x",
      ],
      /the gateway was not reached/,
    ],
    ["a key without an address", () => [exampleFile, "--key", "x"], /go together/],
  ])("ends with 2 for %s, and says what to do", async (_what, args, words) => {
    const { code, stderr } = await ran(...args());
    expect(stderr).toMatch(words);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(code).toBe(2);
  });
});

describe("an expectation", () => {
  const caller = (name: string) => (name === "b" ? road.b : road.a);

  it("waits for a GET as long as it says, and no longer", async () => {
    const order = readExpectations(exampleFile).expectations.filter(({ name }) => name.includes("report is ordered"));
    const read = (withinMs?: number) => ({
      name: "read",
      ...(withinMs === undefined ? {} : { withinMs }),
      request: { method: "GET", path: "/v1/credit-reports/{{report}}" },
      answer: { status: 200, body: { "/status": "never so" } },
    });
    const [ordered, , late] = await runExpectations(readExpectations(fileOf(...order, read(), read(300))), caller);
    expect(ordered).toMatchObject({ kept: true });
    expect(late?.kept).toBe(false);
    expect(late?.durationMs).toBeGreaterThanOrEqual(300);
  });

  it("that needs what an earlier answer did not have is broken, and the rest goes on", async () => {
    const file = fileOf(
      { name: "needs", request: { method: "GET", path: "/v1/identity-checks/{{nothing}}" }, answer: { status: 200 } },
      { name: "goes on", request: capabilities, answer: { status: 200 } },
    );
    const outcomes = await runExpectations(readExpectations(file), caller);
    expect(outcomes.map(({ kept, differences }) => [kept, ...differences])).toEqual([
      [false, "nothing was kept as {{nothing}}"],
      [true],
    ]);
  });

  const seen = { status: 200, headers: { "content-type": "text/plain" }, body: { a: { b: [1, "two"] }, "c/d": true } };
  it.each<[string, Parameters<typeof differencesFrom>[0], string[]]>([
    [
      "keeps to all",
      {
        status: [200, 201],
        headers: { "Content-Type": "text/plain" },
        body: {
          "/a/b/0": 1,
          "/c~1d": true,
          "/a": { equals: { b: [1, "two"] } },
          "/x": { absent: true },
          "/a/b": { minItems: 2 },
          "/a/b/1": { oneOf: ["one", "two"], type: "string", pattern: "^t" },
        },
      },
      [],
    ],
    ["another status", { status: 201, headers: {}, body: {} }, ["status: 201 expected, 200 came"]],
    ["another header", { status: 200, headers: { etag: { type: "string" } }, body: {} }, ["header etag: not there"]],
    ["another value", { status: 200, headers: {}, body: { "/a/b/0": "1" } }, ['body /a/b/0: "1" expected, 1 came']],
    [
      "another type",
      { status: 200, headers: {}, body: { "/a": { type: "array" } } },
      ["body /a: array expected, object came"],
    ],
    [
      "another pattern",
      { status: 200, headers: {}, body: { "/a/b/1": { pattern: "^T" } } },
      ['body /a/b/1: /^T/ expected, "two" came'],
    ],
    [
      "too few",
      { status: 200, headers: {}, body: { "/a/b": { minItems: 3 } } },
      ['body /a/b: at least 3 entries expected, [1,"two"] came'],
    ],
    [
      "what should be absent",
      { status: 200, headers: {}, body: { "/a/b/0": { absent: true } } },
      ["body /a/b/0: not expected, 1 came"],
    ],
    [
      "what is only inherited",
      { status: 200, headers: {}, body: { "/constructor": { type: "object" } } },
      ["body /constructor: not there"],
    ],
  ])("%s", (_what, answer, differences) => {
    expect(differencesFrom(answer, seen, new Map())).toEqual(differences);
  });
});
