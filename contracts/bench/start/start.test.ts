/** What makes a start slow, counted instead of timed: a machine's mood does not change these numbers. */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isBundleAsGenerated, readVendorDocument } from "#specs";
import { freePort } from "../../../mocks/sandbox/ports.ts";
import { until } from "../../road/setup.fixture.ts";
import { host, projectDir, wholeConfig } from "./config.ts";
import type { Watched } from "./watch.fixture.ts";

/** express-openapi-validator makes 90: of OpenAPI's own schema, and of what requests refer to. All there are would be 600. */
const maxCompiledAtStart = 150;
/** Files of packages and of ours. It is 1,180 now. */
const maxFiles = 1_500;
const readyWithinMs = 20_000;

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "qiao-start-"));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

/** The gateway's process with every adapter, from its start until it is ready. */
async function watchedStart(): Promise<Watched> {
  const [admin, config, report] = [await freePort(host), join(dir, "config.json"), join(dir, "watched.json")];
  await writeFile(config, JSON.stringify(await wholeConfig(join(dir, "qiao.sqlite"), admin)));
  const watch = join(import.meta.dirname, "watch.fixture.ts");
  const child = spawn(process.execPath, ["--import", watch, join(projectDir, "gateway/main.ts")], {
    env: { ...process.env, QIAO_CONFIG: config, QIAO_WATCH_FILE: report },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const exited = once(child, "exit");
  try {
    const ready = (): Promise<boolean> =>
      fetch(`http://${host}:${admin}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      );
    await until("ready", ready, readyWithinMs);
  } finally {
    child.kill("SIGTERM");
    await exited;
  }
  return JSON.parse(await readFile(report, "utf8")) as Watched;
}

describe("a gateway with every adapter", () => {
  it("starts without parsing YAML, compiling what nobody asked for, or loading tools", async () => {
    const { loaded, compiled } = await watchedStart();
    const files = loaded.filter((url) => url.startsWith("file:"));
    const packages = new Set(files.flatMap((url) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1] ?? []));
    const { devDependencies } = JSON.parse(readFileSync(join(projectDir, "package.json"), "utf8")) as {
      devDependencies: Record<string, string>;
    };
    expect([...packages]).toEqual(expect.arrayContaining(["ajv", "express", "zod"]));
    expect([...packages].filter((name) => name === "yaml" || Object.hasOwn(devDependencies, name))).toEqual([]);
    const ours = files.map((url) => url.replace(pathToFileURL(projectDir).href, ""));
    expect(ours.filter((file) => /^\/?(?:mocks|contracts)\//.test(file) && !file.includes("bench/start/"))).toEqual([]);
    expect(compiled).toBeGreaterThan(0);
    expect(compiled).toBeLessThan(maxCompiledAtStart);
    expect(files.length).toBeLessThan(maxFiles);
  });

  it("has its documents as generated, so that none is checked at the start", async () => {
    expect(isBundleAsGenerated()).toBe(true);
    const { adapters } = (await wholeConfig(join(dir, "none.sqlite"), 0)) as { adapters: object };
    const names = Object.keys(adapters);
    expect(names.length).toBeGreaterThan(4);
    const unchecked = names.filter((name) => {
      const file = join(projectDir, "adapters", name, "vendor.openapi.yaml");
      return !readVendorDocument(pathToFileURL(file)).checked;
    });
    expect(unchecked).toEqual([]);
  });
});

describe("validators", () => {
  it("are compiled at the first call of an operation, once for all gateways of a process", async () => {
    const program = join(import.meta.dirname, "twice.fixture.ts");
    const { stdout } = await promisify(execFile)(process.execPath, [program], { timeout: readyWithinMs });
    const [first, ...later] = JSON.parse(stdout) as number[];
    expect(first).toBeGreaterThan(0);
    expect(later).toEqual([0, 0, 0]);
  });
});
