import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { partner } from "../../mocks/partner/client.ts";
import { sandboxPartner } from "../../mocks/partner/sandbox.ts";
import { freePort } from "../../mocks/sandbox/ports.ts";
import { parseConfig } from "../../gateway/config/index.ts";
import { describeOnPostgres, freshSchema } from "../../gateway/store/pg-setting.fixture.ts";
import { killLeftovers, projectDir, startProcess } from "../road/process.fixture.ts";
import { textOf } from "../road/rooms.fixture.ts";

const run = promisify(execFile);

interface Service {
  image: string;
  command?: string[];
  environment?: Record<string, string>;
  secrets?: string[];
  ports?: string[];
  networks: string[];
  depends_on?: Record<string, { condition: string }>;
  read_only?: boolean;
  cap_drop?: string[];
  security_opt?: string[];
  healthcheck?: { test: string[] };
  stop_grace_period?: string;
}

const file = "deploy/compose.yaml";
const { services, networks, volumes, secrets } = parse(textOf(file)) as {
  services: Record<"gateway" | "migrate" | "postgres" | "valkey", Service>;
  networks: Record<string, { internal?: boolean }>;
  volumes: Record<string, unknown>;
  secrets: Record<string, { file: string }>;
};
const dockerfile = textOf("Dockerfile");
const compose = await run("docker", ["compose", "version"]).catch(() => undefined);
if (compose === undefined) process.stderr.write("\nSKIPPED: no docker compose here to read compose.yaml\n\n");

describe("compose.yaml", () => {
  it("names only what it defines", () => {
    for (const [name, service] of Object.entries(services)) {
      for (const secret of service.secrets ?? []) expect(secrets, name).toHaveProperty([secret]);
      for (const network of service.networks) expect(networks, name).toHaveProperty([network]);
      for (const other of Object.keys(service.depends_on ?? {})) expect(services, name).toHaveProperty([other]);
    }
    expect(Object.keys(volumes)).toEqual(["postgres"]);
  });

  it("waits for what can be waited for", () => {
    const conditions = Object.values(services).flatMap(({ depends_on: on = {} }) => Object.entries(on));
    expect(conditions).toHaveLength(3);
    for (const [name, { condition }] of conditions as ["gateway", { condition: string }][]) {
      if (condition === "service_healthy") expect(services[name].healthcheck, name).toBeDefined();
      else expect([name, condition]).toEqual(["migrate", "service_completed_successfully"]);
    }
  });

  it("gives every container a root that cannot be written, and no new privileges", () => {
    for (const [name, service] of Object.entries(services)) {
      expect(service, name).toMatchObject({
        read_only: true,
        cap_drop: ["ALL"],
        security_opt: ["no-new-privileges:true"],
      });
    }
  });

  it("publishes the public port on this machine, and nothing else", () => {
    const published = Object.values(services).flatMap(({ ports = [] }) => ports);
    expect(published).toEqual(["127.0.0.1:${QIAO_PORT:-8080}:8080"]);
    expect(networks["data"]).toEqual({ internal: true });
    for (const name of ["postgres", "valkey", "migrate"] as const) expect(services[name].networks).toEqual(["data"]);
  });

  it("asks the gateway as the image does, and gives it time to drain", () => {
    const [, asked = "[]"] = /^HEALTHCHECK [^\n]*\\\n +CMD (\[.*\])$/m.exec(dockerfile) ?? [];
    expect(services.gateway.healthcheck?.test).toEqual(["CMD", ...(JSON.parse(asked) as string[])]);
    expect(Number(services.gateway.stop_grace_period?.replace(/s$/, ""))).toBeGreaterThan(50);
  });

  it.skipIf(compose === undefined)("is what docker compose takes", async () => {
    const read = await run("docker", ["compose", "-f", join(projectDir, file), "config", "--services"]);
    expect(read.stdout.trim().split("\n").toSorted()).toEqual(Object.keys(services).toSorted());
  });
});

describe("init.ts", () => {
  let dir: string;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), "qiao-init-"));
  });
  afterAll(() => rm(dir, { recursive: true, force: true }));
  const init = async (...args: string[]): Promise<{ code: number | null; output: string }> => {
    const ran = run(process.execPath, [join(projectDir, "deploy/init.ts"), ...args]);
    return ran.then(
      ({ stdout }) => ({ code: 0, output: stdout }),
      (error: { code: number; stderr: string }) => ({ code: error.code, output: error.stderr }),
    );
  };

  it("makes every secret that compose.yaml names, in a folder closed to others", async () => {
    const made = join(dir, ".secrets");
    expect(await init("--dir", made)).toMatchObject({ code: 0 });
    expect((await stat(made)).mode & 0o777).toBe(0o700);
    for (const [name, { file: path }] of Object.entries(secrets)) {
      expect(path).toBe(`.secrets/${name}`);
      expect((await readFile(join(made, name), "utf8")).length, name).toBeGreaterThan(40);
    }
    const config = parseConfig(JSON.parse(await readFile(join(made, "config.json"), "utf8")));
    expect(config).toMatchObject({ profile: "sandbox", listen: { port: 8080 }, admin: { port: 9090 } });
    const password = await readFile(join(made, "postgres-password"), "utf8");
    expect(config.store).toMatchObject({ url: `postgres://qiao:${password}@postgres:5432/qiao` });
    expect(services.postgres.environment).toMatchObject({ POSTGRES_USER: "qiao", POSTGRES_DB: "qiao" });
  });

  it("makes a production configuration for an https origin", async () => {
    const made = join(dir, "production");
    expect(await init("--dir", made, "--public-origin", "https://api.example.com")).toMatchObject({ code: 0 });
    expect(parseConfig(JSON.parse(await readFile(join(made, "config.json"), "utf8"))).profile).toBe("production");
  });

  it("overwrites nothing, and refuses partners over plain http", async () => {
    const made = join(dir, "twice");
    await init("--dir", made);
    const before = await readFile(join(made, "config.json"), "utf8");
    expect(await init("--dir", made)).toMatchObject({ code: 1, output: expect.stringContaining("is there already") });
    expect(await readFile(join(made, "config.json"), "utf8")).toBe(before);
    const open = await init("--dir", join(dir, "open"), "--public-origin", "http://api.example.com");
    expect(open).toMatchObject({ code: 1, output: expect.stringContaining("https only") });
  });
});

describeOnPostgres("the commands of compose.yaml, with init.ts' configuration", () => {
  afterAll(killLeftovers);

  it("migrate, serve a signed call, are healthy, and drain", async () => {
    const dir = await mkdtemp(join(tmpdir(), "qiao-compose-"));
    const made = join(dir, ".secrets");
    const [port, adminPort] = [await freePort("127.0.0.1"), await freePort("127.0.0.1")];
    await run(process.execPath, [
      join(projectDir, "deploy/init.ts"),
      "--dir",
      made,
      "--public-origin",
      `http://127.0.0.1:${port}`,
    ]);
    const config = JSON.parse(await readFile(join(made, "config.json"), "utf8")) as Record<
      string,
      Record<string, unknown>
    >;
    // What differs here from the containers: addresses and folders.
    const local = {
      ...config,
      listen: { host: "127.0.0.1", port },
      admin: { host: "127.0.0.1", port: adminPort },
      adaptersDir: join(projectDir, "adapters"),
      store: { ...config["store"], url: await freshSchema({ migrated: false }) },
    };
    const path = join(made, "local.json");
    await writeFile(path, JSON.stringify(local));

    expect(services.migrate.environment).toEqual({ QIAO_CONFIG: "/run/secrets/config.json" });
    const [node, migration = ""] = services.migrate.command ?? [];
    expect(node).toBe("node");
    const migrate = startProcess(join(projectDir, migration), { QIAO_CONFIG: path });
    expect([await migrate.exited, migrate.output()]).toEqual([0, expect.stringContaining("applied 0001")]);

    expect(services.gateway.environment).toEqual({ QIAO_CONFIG: "/run/secrets/config.json" });
    const main = /^CMD \["node", "([^"]+)"\]$/m.exec(dockerfile)?.[1] ?? "";
    const gateway = startProcess(join(projectDir, main), { QIAO_CONFIG: path });
    const [, , ...asked] = services.gateway.healthcheck?.test ?? [];
    const healthy = (): Promise<boolean> =>
      run(
        process.execPath,
        asked.map((arg) => arg.replace(":9090/", `:${adminPort}/`)),
      ).then(
        () => true,
        () => false,
      );
    await expect.poll(healthy, { timeout: 15_000 }).toBe(true);
    const us = partner(sandboxPartner(made, "a"));
    expect(await us.request("GET", "/v1/capabilities")).toMatchObject({ status: 200, verified: true });
    us.close();
    gateway.signal("SIGTERM");
    expect(await gateway.exited).toBe(0);
    expect(await healthy()).toBe(false);
    await rm(dir, { recursive: true, force: true });
  });
});
