/** Whatever is wrong with an adapter's folder or with the configuration stops the start, in words that name the place. */
import { execFile } from "node:child_process";
import { cp, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ConfigError, startGateway } from "#gateway";
import type { GatewayConfigInput } from "#gateway";
import { makeAdapters, vendorSpec } from "./folder.fixture.ts";
import type { AdapterFolders } from "./folder.fixture.ts";
import { gatewayConfig } from "./gateway.fixture.ts";
import { vendorKey } from "./vendor.fixture.ts";

const project = fileURLToPath(new URL("../../../", import.meta.url));
const usual = { baseUrl: "http://127.0.0.1:9", key: vendorKey, faults: [] };
let folders: AdapterFolders;
let made = 0;

beforeAll(async () => {
  folders = await makeAdapters(["model"], ["good"]);
});
afterAll(() => folders.remove());

/** A folder of its own with the adapter's text and its vendor's spec changed. */
async function folderWith(change: (source: string) => string, spec = vendorSpec(["good"])): Promise<string> {
  const name = `adapter-${(made += 1)}`;
  const source = await readFile(join(folders.adaptersDir, "model", "index.ts"), "utf8");
  const changed = change(source);
  await mkdir(join(folders.adaptersDir, name));
  await writeFile(join(folders.adaptersDir, name, "index.ts"), changed);
  await writeFile(join(folders.adaptersDir, name, "vendor.openapi.yaml"), spec);
  return name;
}

async function refusal(adapters: Record<string, unknown>, more: Partial<GatewayConfigInput> = {}): Promise<Error> {
  const { input } = await gatewayConfig(folders, adapters);
  return startGateway({ ...input, logLevel: "silent", ...more }).then(
    async (running) => {
      await running.drain();
      throw new Error("it started");
    },
    (error: unknown) => error as Error,
  );
}

const instead =
  (from: string | RegExp, to: string) =>
  (source: string): string => {
    const changed = source.replace(from, to);
    if (changed === source) throw new Error(`nothing to change: ${String(from)}`);
    return changed;
  };

describe("a manifest", () => {
  it.each([
    ["another name than its folder's", instead("basename(import.meta.dirname)", '"other"'), /name is other/],
    ["a verb neither mapped nor refused", instead('get: "stored",', ""), /identityChecks\.get is neither mapped/],
    ["a verb both", instead("instalments.cancel", "instalments.get"), /instalments\.get is mapped and listed/],
    ["no reason", instead(/why: "[^"]*"/, 'why: " "'), /unsupported instalments\.cancel gives no reason/],
    [
      "an operation that nobody has",
      instead("unsupported: [", `unsupported: [{ operation: "x.burn", why: "x" },`),
      /names no operation: x\.burn/,
    ],
    ["a verb that the contract lacks", instead('get: "stored"', 'get: "stored", burn: "x"'), /no identityChecks\.burn/],
    [
      "a capability that it lacks",
      instead("identityChecks: {", "identityCheck: {"),
      /the contract has no identityCheck\./,
    ],
    ["no default export", instead("export default", "export const adapter ="), /exports no adapter/],
    ["a text that is no program", instead("export default", "export default ("), /cannot be loaded/],
  ])("with %s stops the start", async (_what, change, words) => {
    const name = await folderWith(change);
    const error = await refusal({ [name]: usual });
    expect(error).toBeInstanceOf(ConfigError);
    expect(error.message).toMatch(words);
    expect(error.message).toContain(name);
  });
});

describe("a vendor's spec", () => {
  const spec = (change: (text: string) => string) => change(vendorSpec(["good"]));
  it.each([
    ["without x-effect", spec((text) => text.replaceAll('"x-effect":"read",', "")), /read\.good needs x-effect/],
    ["with one operation twice", spec((text) => text.replace("charged.good", "read.good")), /read\.good twice/],
    ["that leads nowhere", spec((text) => text.replace('{"enum":["made","absent"]}', '{"$ref":"#/x/y"}')), /#\/x\/y/],
    ["that is none", "- a list", /not an OpenAPI 3\.1 document/],
    ["that is no YAML", "a: [", /vendor\.openapi\.yaml/],
  ])("%s stops the start", async (_what, text, words) => {
    const name = await folderWith((source) => source, text);
    const error = await refusal({ [name]: usual });
    expect(error.message).toMatch(words);
    expect(error.message).toContain(name);
  });
});

describe("the configuration", () => {
  it("of an adapter is checked by the adapter, and its secrets are not repeated", async () => {
    const error = await refusal({ model: { ...usual, key: "short-secret", baseUrl: "ftp://x" } });
    expect(error).toBeInstanceOf(ConfigError);
    expect(error.message).toMatch(/configuration of adapter model:\n.*baseUrl/s);
    expect(error.message).not.toContain("short-secret");
  });

  it.each([
    ["an adapter without a folder", { ghost: usual }, {}, /adapters\.ghost: no folder/],
    [
      "a route to an adapter that is not there",
      { model: usual },
      { name: "ghost", capability: "instalments" },
      /ghost/,
    ],
    ["a route for what it does not claim", { model: usual }, { name: "model", capability: "consents" }, /not claim/],
  ])("with %s stops the start", async (_what, adapters, route, words) => {
    const { name, capability } = route as { name?: string; capability?: string };
    const routes = name === undefined || capability === undefined ? [] : [{ capability, adapters: [{ name }] }];
    const error = await refusal(adapters, { routes });
    expect(error).toBeInstanceOf(ConfigError);
    expect(error.message).toMatch(words);
  });

  it("of production refuses a vendor's sandbox", async () => {
    const error = await refusal({ model: usual }, { profile: "production", publicOrigin: "https://gateway.example" });
    expect(error).toBeInstanceOf(ConfigError);
    expect(error.message).toMatch(/127\.0\.0\.1:9 is a sandbox host/);
  });

  it("that stops the process is told in words, without a stack", async () => {
    const name = await folderWith(instead('get: "stored",', ""));
    const { input } = await gatewayConfig(folders, { [name]: usual });
    const file = join(folders.root, "config.json");
    await writeFile(file, JSON.stringify(input));
    const run = promisify(execFile)(process.execPath, [join(project, "gateway/main.ts")], {
      env: { ...process.env, QIAO_CONFIG: file },
    });
    const failed = (await run.catch((error: unknown) => error)) as { code?: number; stderr: string };
    expect(failed.code).toBe(1);
    expect(failed.stderr).toMatch(/identityChecks\.get is neither mapped nor listed as unsupported/);
    expect(failed.stderr).not.toMatch(/^\s+at /m);
  });
});

describe("an adapter", () => {
  it("is its folder and nothing else: neither the gateway nor the sandbox knows one by name", async () => {
    const names = (await readdir(join(project, "adapters"), { withFileTypes: true }))
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
    expect(names.length).toBeGreaterThanOrEqual(5);
    const named: string[] = [];
    for (const room of ["gateway", "mocks"]) {
      const files = (await readdir(join(project, room), { recursive: true })).filter((file) => file.endsWith(".ts"));
      for (const file of files.filter((each) => !/\.(test|fixture)\.ts$/.test(each))) {
        const text = await readFile(join(project, room, file), "utf8");
        named.push(...names.filter((name) => text.includes(name)).map((name) => `${room}/${file}: ${name}`));
      }
    }
    expect(named).toEqual([]);
  });

  it("that is put beside the others needs no more than its folder and its configuration", async () => {
    await cp(join(folders.adaptersDir, "model"), join(folders.adaptersDir, "newcomer"), { recursive: true });
    const { input } = await gatewayConfig(folders, { model: usual, newcomer: usual });
    const gateway = await startGateway({ ...input, logLevel: "silent" });
    await gateway.drain();
    expect(gateway.origin).toMatch(/^http:/);
  });
});
