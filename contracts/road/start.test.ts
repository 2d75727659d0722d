/** What stops the gateway's own process from starting: it starts from a copy of the contract, sound or damaged. */
import { randomBytes } from "node:crypto";
import { cp, mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../../mocks/sandbox/ports.ts";
import { newKey, registered } from "./gateway.fixture.ts";
import { killLeftovers, projectDir, startProcess } from "./process.fixture.ts";
import { newDir, until } from "./setup.fixture.ts";

let dir: string;
let bundle: string;
let ports: { public: number; admin: number };

beforeAll(async () => {
  dir = await newDir();
  for (const room of ["gateway", "specs"]) await cp(join(projectDir, room), join(dir, room), { recursive: true });
  await cp(join(projectDir, "package.json"), join(dir, "package.json"));
  await symlink(join(projectDir, "node_modules"), join(dir, "node_modules"));
  await mkdir(join(dir, "adapters"));
  bundle = await readFile(join(dir, "specs/generated/bundle.json"), "utf8");
  ports = { public: await freePort("127.0.0.1"), admin: await freePort("127.0.0.1") };
  const [partnerKey, signing] = await Promise.all([newKey(), newKey()]);
  const config = {
    profile: "sandbox",
    publicOrigin: `http://127.0.0.1:${ports.public}`,
    listen: { host: "127.0.0.1", port: ports.public },
    admin: { host: "127.0.0.1", port: ports.admin },
    adaptersDir: join(dir, "adapters"),
    store: { file: join(dir, "qiao.sqlite"), keys: [{ id: "1", key: randomBytes(32).toString("base64url") }] },
    signing: { keys: [signing.jwk] },
    partners: [registered("partner", [partnerKey])],
    adapters: {},
    logLevel: "silent",
  };
  await writeFile(join(dir, "config.json"), JSON.stringify(config));
});

afterEach(killLeftovers);

afterAll(() => rm(dir, { recursive: true, force: true }));

const start = (env: Record<string, string> = { QIAO_CONFIG: join(dir, "config.json") }) =>
  startProcess(join(dir, "gateway/main.ts"), env);
const answers = (port: number): Promise<boolean> =>
  fetch(`http://127.0.0.1:${port}/readyz`).then(
    ({ ok }) => ok,
    () => false,
  );

describe("the gateway's process", () => {
  it("starts from a sound contract, and ends well on SIGTERM", async () => {
    await writeFile(join(dir, "specs/generated/bundle.json"), bundle);
    const gateway = start();
    await until("ready", async () => (await answers(ports.public)) && (await answers(ports.admin)), 15_000);
    gateway.signal("SIGTERM");
    expect(await gateway.exited).toBe(0);
    expect(gateway.output()).toBe("");
  });

  it.each<[string, (text: string) => string, RegExp]>([
    ["is not JSON", (text) => text.slice(0, -10), /JSON/],
    [
      "lacks a schema that a request names",
      (text) => text.replace('"IdentityCheckRequest":', '"Gone":'),
      /IdentityCheckRequest/,
    ],
    ["lacks a schema that an answer names", (text) => text.replace('"IdentityCheck":', '"Gone":'), /IdentityCheck/],
    [
      "has a type that is none",
      (text) => text.replaceAll('"type":"array"', '"type":"arrray"').replaceAll('"type": "array"', '"type": "arrray"'),
      /arrray|type/,
    ],
    [
      "has a pattern that is none",
      (text) => text.replace(/"pattern":\s*"/, (found) => `${found}(`),
      /regular expression|regex|pattern/i,
    ],
    [
      "lacks the answer of an operation",
      (text) =>
        text
          .replace('"operationId": "capabilities.list"', '"operationId": "capabilities.gone"')
          .replace('"/v1/capabilities":', '"/v1/gone":'),
      /capabilities\.list|capabilities/,
    ],
  ])("does not start when the contract %s", async (_what, damage, says) => {
    const damaged = damage(bundle);
    expect(damaged).not.toBe(bundle);
    await writeFile(join(dir, "specs/generated/bundle.json"), damaged);
    const gateway = start();
    expect(await gateway.exited).toBe(1);
    expect(gateway.output()).toMatch(says);
    expect(await answers(ports.public)).toBe(false);
  });

  it("does not start without a configuration, and says which variable is missing", async () => {
    const gateway = start({});
    expect(await gateway.exited).toBe(1);
    expect(gateway.output()).toBe("set QIAO_CONFIG to the path of the gateway's JSON configuration\n");
  });
});
