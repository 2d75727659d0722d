import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startMock } from "#mocks";
import definition from "../../../adapters/tencent-faceid/mock.ts";
import { ended } from "../scaffold/project.fixture.ts";
import type { Ended } from "../scaffold/project.fixture.ts";
import { copyAdapters } from "./copy.fixture.ts";
import { openSession } from "./session.ts";
import { readSettings } from "./settings.ts";

const main = fileURLToPath(new URL("main.ts", import.meta.url));
const check = { type: "id_two_factor", name: "王小明", nationalId: "320311199001014326" };
let root: string;
let adaptersDir: string;

const bench = (...args: string[]): Promise<Ended> =>
  ended(process.execPath, [main, ...args, "--adapters", adaptersDir], root);
const fireCheck = (body: object): string[] => [
  "--fire",
  "identityChecks.create",
  "--body",
  JSON.stringify(body),
  "--wait",
  "0",
];

beforeAll(async () => {
  ({ root, adaptersDir } = await copyAdapters(["tencent-faceid", "alipay-huabei"]));
});
afterAll(() => rm(root, { recursive: true, force: true }));

describe.concurrent("one exchange in the terminal", { timeout: 30_000 }, () => {
  it("stands there whole: asked, sent, come back, mapped, answered, called back", async () => {
    const { code, text } = await bench(
      "alipay-huabei",
      "--fire",
      "instalments.create",
      "--fire",
      "instalments.get",
      "--wait",
      "400",
    );
    expect(text).toContain("we were asked ─");
    expect(text).toContain("POST /v1/instalments\n");
    expect(text).toMatch(
      /we sent · alipay\.trade\.create ─+\ncurl -X POST 'http:\/\/127\.0\.0\.1:\d+\/gateway\.do\?[^']*app_id=\$appId/,
    );
    expect(text).toMatch(/came back · 200 ─+\ncontent-type: text\/html/);
    expect(text).toContain("the mapping's result · instalments.create · done");
    expect(text).toMatch(/the partner got · 201 ─+\n\{\n {2}"id": "ins_/);
    expect(text).toMatch(/callback · verified · accepted/);
    expect(text).toMatch(/the vendor called ─+\nPOST \/callbacks/);
    // The path's id is that of what was made just before.
    expect(text).toMatch(/GET \/v1\/instalments\/ins_\w+\n/);
    expect(text).toContain("no violation of either spec");
    expect(code, text).toBe(0);
  });

  it("names what left the vendor's spec, and ends with 1", async () => {
    const { code, text } = await bench("tencent-faceid", ...fireCheck({ ...check, name: "跑偏" }));
    expect(text).toContain("vendor's spec, IdCardVerification answer: /body/Response: must have required property");
    expect(text).toMatch(/the mapping's result · identityChecks.create · unknown/);
    expect(text).toContain("off-spec answer");
    expect(code).toBe(1);
  });

  it("says what is wrong with what was typed", async () => {
    const { code, text } = await bench("tencent-faceid", "--fire", "refunds.get");
    expect(text).toMatch(/^tencent-faceid does not map refunds.get; it maps identityChecks.create/);
    expect(text).not.toMatch(/^\s+at /m);
    expect(code).toBe(1);
    const typed: [string[], RegExp][] = [
      [[], /npm run adapter:dev -- <name>/],
      [["a", "b"], /npm run adapter:dev -- <name>/],
      [["a", "--fire", "x.y", "--body", "{"], /--body is no JSON/],
      [["a", "--body", "{}"], /--body belongs to a --fire before it/],
      [["a", "--wait", "soon"], /--wait must be a whole number/],
      [["a", "--against", "/nowhere.json"], /--against: cannot read/],
      [["a", "--aginst", "x"], /Unknown option '--aginst'/],
    ];
    for (const [args, why] of typed) {
      await expect(readSettings(args), args.join(" ")).rejects.toMatchObject({
        name: "BenchError",
        message: expect.stringMatching(why) as string,
      });
    }
    await expect(openSession({ adaptersDir, name: "no-such", record: false })).rejects.toThrow(
      /there is no .*no-such.*adapter:new/,
    );
  });
});

describe("against a real sandbox", { timeout: 30_000 }, () => {
  it("shows and records the exchange without a secret or a person in it", async () => {
    const sandbox = await startMock(definition);
    const config = join(root, "sandbox.json");
    await writeFile(config, JSON.stringify(sandbox.config));
    try {
      const { code, text } = await bench("tencent-faceid", "--against", config, "--record", ...fireCheck(check));
      expect(code, text).toBe(0);
      expect(text).toContain("Credential=$secretId/");
      expect(text).toContain("recorded, scrubbed");
      const file = await readFile(join(adaptersDir, "tencent-faceid/fixtures/identityChecks.create.json"), "utf8");
      expect(JSON.parse(file)).toMatchObject({
        source: "sandbox",
        result: { outcome: "done", body: { verdict: "match" } },
      });
      const { secretId, secretKey } = sandbox.config as Record<string, string>;
      for (const hidden of [secretId, secretKey]) expect(text).not.toContain(hidden);
      for (const hidden of [secretId, secretKey, check.name, check.nationalId, sandbox.origin])
        expect(file).not.toContain(hidden);
    } finally {
      await sandbox.stop();
    }
  });

  it("refuses a configuration that the adapter does not take, by its paths", async () => {
    const against = { secretId: "too-short" };
    const refused = openSession({ adaptersDir, name: "tencent-faceid", record: false, against });
    await expect(refused).rejects.toMatchObject({
      name: "ConfigError",
      message: expect.stringMatching(
        /^configuration of adapter tencent-faceid:\n(?=[\s\S]*secretId)(?![\s\S]*too-short)/,
      ) as string,
    });
  });
});
