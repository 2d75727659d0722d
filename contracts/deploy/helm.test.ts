import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parseConfig, workersOf } from "../../gateway/config/index.ts";
import { webhookDefaults } from "../../gateway/config/defaults.ts";
import { evidenceLimits } from "../../gateway/evidence/limits.ts";
import { postgresLimits } from "../../gateway/store/pg-limits.ts";
import { drainWithinMs } from "../../gateway/workers/limits.ts";
import { filesIn, textOf } from "../road/rooms.fixture.ts";
import {
  defaults,
  everything,
  leafPaths,
  openObjects,
  schema,
  schemaPaths,
  usedPaths,
  withInline,
  withSecret,
} from "./chart.fixture.ts";
import type { Tree } from "./chart.fixture.ts";
import { chartDir, describeWithHelm, linted, rendered } from "./helm.fixture.ts";
import type { Manifest } from "./helm.fixture.ts";
import { faultsOf, nameOf } from "./kubernetes.fixture.ts";

const inline = await withInline();

/** The member at a path; throws where there is none. */
function at(tree: unknown, ...path: (string | number)[]): unknown {
  return path.reduce((value, name) => {
    const member = (value as Tree | undefined)?.[name];
    if (member === undefined) throw new Error(`no ${path.join(".")}`);
    return member;
  }, tree);
}

async function one(values: Record<string, unknown>, kind: string, name?: string): Promise<Manifest> {
  const found = (await rendered(values)).filter(
    (each) => each.kind === kind && (name ?? each.metadata.name) === each.metadata.name,
  );
  if (found.length !== 1 || found[0] === undefined) throw new Error(`${found.length} of ${kind} ${name ?? ""}`);
  return found[0];
}

const container = (manifest: Manifest): unknown => at(manifest, "spec", "template", "spec", "containers", 0);
const dockerfile = textOf("Dockerfile");
/** A constant of the gateway's, in milliseconds, wherever it stands. */
const constantMs = (name: string): number => {
  const found = filesIn("gateway").flatMap((file) => [
    ...textOf(file).matchAll(new RegExp(`const ${name} = ([\\d_]+);`, "g")),
  ]);
  if (found.length !== 1) throw new Error(`${found.length} constants ${name}`);
  return Number(found[0]?.[1]?.replaceAll("_", ""));
};

describeWithHelm("the chart", () => {
  it.each([
    ["a Secret", withSecret],
    ["inline", inline],
    ["everything", everything],
  ])("lints, and makes what Kubernetes' schemas take: %s", async (_name, values) => {
    expect(await linted(values)).toContain("1 chart(s) linted, 0 chart(s) failed");
    const manifests = await rendered(values);
    expect(manifests.length).toBeGreaterThan(5);
    // The operator's own kind has no schema in Kubernetes.
    const known = manifests.filter(({ apiVersion }) => !apiVersion.startsWith("monitoring.coreos.com/"));
    expect((await Promise.all(known.map(faultsOf))).flat()).toEqual([]);
  });

  it("would be told of a misspelt member and of a wrong type", async () => {
    const dir = await mkdtemp(join(tmpdir(), "qiao-chart-"));
    try {
      await cp(chartDir, dir, { recursive: true });
      const file = join(dir, "templates/deployment.yaml");
      const text = await readFile(file, "utf8");
      await writeFile(
        file,
        text.replace("livenessProbe:", "livenessprobe:").replace("maxUnavailable: 0", "maxUnavailable: []"),
      );
      const deployment = (await rendered(withSecret, dir)).find(({ kind }) => kind === "Deployment");
      const faults = deployment === undefined ? [] : await faultsOf(deployment);
      expect(faults).toContainEqual(expect.stringContaining("maxUnavailable"));
      expect(faults).toContainEqual(expect.stringMatching(/containers\/0\/livenessprobe is unknown$/));
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  });

  it.each<[string, Record<string, unknown>, RegExp]>([
    ["no configuration", {}, /name a Secret with config\.existingSecret/],
    ["two configurations", { config: { ...withSecret.config, ...inline.config } }, /exclude each other/],
    [
      "what the chart sets",
      { config: { inline: { ...inline.config.inline, admin: {} } } },
      /admin is the chart's to set/,
    ],
    ["an unknown value", { ...withSecret, replica: 3 }, /replica/],
    ["an unknown member", { ...withSecret, autoscaling: { maxReplica: 3 } }, /maxReplica/],
    ["a wrong type", { ...withSecret, replicas: "3" }, /replicas/],
    [
      "more connections than there are",
      { ...withSecret, workers: 4 },
      /13 pods .* 520 connections.*maxConnections is 160/,
    ],
    ["a stop too short for a drain", { ...withSecret, shutdown: { preStopSeconds: 30 } }, /graceSeconds/],
    [
      "a way out to any address at the database's port",
      { ...withSecret, networkPolicy: { database: { to: [] } } },
      /database\.to/,
    ],
    ["an admin port for anyone", { ...withSecret, networkPolicy: { adminFrom: [] } }, /adminFrom/],
  ])("refuses %s", async (_name, values, words) => {
    await expect(rendered(values)).rejects.toThrow(words);
  });

  it("gives the gateway a configuration that its own parser takes", async () => {
    const secret = await one(inline, "Secret", "qiao-config");
    const config = parseConfig(JSON.parse(String(at(secret, "stringData", "config.json"))));
    const ports = at(container(await one(inline, "Deployment")), "ports") as { name: string; containerPort: number }[];
    expect(Object.fromEntries(ports.map(({ name, containerPort }) => [name, containerPort]))).toEqual({
      public: config.listen.port,
      admin: config.admin.port,
    });
    expect([config.listen.host, config.admin.host]).toEqual(["0.0.0.0", "0.0.0.0"]);
    expect(dockerfile).toContain(`EXPOSE ${config.listen.port} ${config.admin.port}`);
    expect(config.adaptersDir).toBe("/app/adapters");
    expect(dockerfile).toMatch(/WORKDIR \/app\n[\s\S]*COPY adapters adapters/);
    const copy = await one(inline, "Secret", "qiao-migrate");
    expect(copy["stringData"]).toEqual(secret["stringData"]);
  });

  it("starts the program that the image starts, with its number of processes", async () => {
    const [node, main] = JSON.parse(/^CMD (\[.*\])$/m.exec(dockerfile)?.[1] ?? "[]") as string[];
    expect(at(container(await one(everything, "Deployment")), "command")).toEqual([node, main, "--workers", "2"]);
    const parsed = parseConfig(
      JSON.parse(String(at(await one(inline, "Secret", "qiao-config"), "stringData", "config.json"))),
    );
    expect(workersOf(parsed, ["--workers", "2"])).toBe(2);
    const env = at(container(await one(withSecret, "Deployment")), "env") as { name: string; value: string }[];
    const mount = at(container(await one(withSecret, "Deployment")), "volumeMounts", 0, "mountPath");
    expect(env).toEqual([{ name: "QIAO_CONFIG", value: `${String(mount)}/config.json` }]);
    const job = container(await one(everything, "Job"));
    expect(at(job, "command")).toEqual([node, "gateway/store/migrate.ts"]);
    expect(at(job, "env", 0, "name")).toBe("QIAO_DATABASE_URL");
    expect(textOf("gateway/store/migrate.ts")).toContain("QIAO_DATABASE_URL: url, QIAO_CONFIG: file } = process.env");
  });

  it("asks the paths that the admin port answers", async () => {
    const gateway = container(await one(withSecret, "Deployment"));
    const probes = ["startupProbe", "livenessProbe", "readinessProbe"].map((name) => at(gateway, name, "httpGet"));
    expect(probes).toEqual(["/livez", "/livez", "/readyz"].map((path) => ({ path, port: "admin" })));
    const admin = filesIn("gateway/admin").map(textOf).join("");
    for (const path of ["/livez", "/readyz", "/metrics"]) expect(admin).toContain(`"${path}"`);
  });

  it("rolls the pods when the configuration changed", async () => {
    const mark = async (values: Record<string, unknown>): Promise<unknown> =>
      at(await one(values, "Deployment"), "spec", "template", "metadata", "annotations", "qiao/config");
    expect(await mark(inline)).not.toBe(await mark(await withInline("postgres://other/qiao")));
    const revised = { config: { ...withSecret.config, revision: "2" } };
    expect(await mark(revised)).not.toBe(await mark(withSecret));
  });

  it("waits longer for a drain than a drain can take", async () => {
    const pod = at(await one(withSecret, "Deployment"), "spec", "template", "spec");
    const preStopSeconds = Number(at(pod, "containers", 0, "lifecycle", "preStop", "sleep", "seconds"));
    const drainMs =
      constantMs("drainGraceMs") +
      webhookDefaults.attemptDeadlineMs +
      evidenceLimits.drainWithinMs +
      postgresLimits.closeDeadlineMs;
    expect(drainMs).toBeGreaterThan(40_000);
    // Where there are workers, their primary ends who takes longer.
    expect(drainWithinMs).toBeLessThanOrEqual(drainMs);
    expect(Number(at(pod, "terminationGracePeriodSeconds")) - preStopSeconds).toBeGreaterThan(drainMs / 1_000);
    // What _helpers and deployment.yaml say of the code.
    expect(drainMs).toBeLessThanOrEqual(50_000);
    expect(textOf("deploy/helm/qiao/templates/_helpers.tpl")).toContain(
      `"qiao.connections" -}}${postgresLimits.maxConnections}{{-`,
    );
  });

  it("keeps the admin port inside", async () => {
    const manifests = await rendered(everything);
    const services = manifests.filter(({ kind }) => kind === "Service");
    const open = services.filter((service) => at(service, "spec", "type") !== "ClusterIP");
    expect(open.map(nameOf)).toEqual(["Service qiao"]);
    expect(open.flatMap((service) => at(service, "spec", "ports"))).toMatchObject([{ targetPort: "public" }]);
    const rules = at(await one(everything, "NetworkPolicy"), "spec", "ingress") as {
      ports: { port: string }[];
      from?: unknown[];
    }[];
    expect(rules.find(({ ports }) => ports.some(({ port }) => port === "admin"))?.from).toHaveLength(1);
    const monitor = manifests.find(({ kind }) => kind === "ServiceMonitor");
    const admin = services.find(({ metadata }) => metadata.name === "qiao-admin");
    expect(admin?.metadata.labels).toMatchObject(at(monitor, "spec", "selector", "matchLabels") as Tree);
    expect(at(monitor, "spec", "endpoints", 0, "port")).toBe(at(admin, "spec", "ports", 0, "name"));
  });

  it("selects the gateway's pods, and no migration's, everywhere", async () => {
    const manifests = await rendered(withSecret);
    const labels = at(await one(withSecret, "Deployment"), "spec", "template", "metadata", "labels") as Record<
      string,
      string
    >;
    const job = at(await one(withSecret, "Job"), "spec", "template", "metadata", "labels") as Record<string, string>;
    const selectors = manifests.flatMap(({ kind, spec }) => {
      const { selector, podSelector } = (spec ?? {}) as { selector?: Tree; podSelector?: Tree };
      if (kind === "Service") return [selector];
      return (selector ?? podSelector) === undefined ? [] : [(selector ?? podSelector)?.["matchLabels"]];
    }) as Record<string, string>[];
    expect(selectors).toHaveLength(5);
    for (const selector of selectors) {
      expect(labels).toMatchObject(selector);
      expect(job).not.toMatchObject(selector);
    }
  });

  it("uses every value, and knows every one it uses", () => {
    const used = usedPaths();
    const known = leafPaths(defaults);
    expect(used.length).toBeGreaterThan(40);
    const within = (path: string, paths: readonly string[]): boolean =>
      paths.some((other) => other === path || other.startsWith(`${path}.`) || path.startsWith(`${other}.`));
    expect(used.filter((path) => !within(path, known))).toEqual([]);
    expect(known.filter((path) => !used.some((other) => other === path || path.startsWith(`${other}.`)))).toEqual([]);
  });

  it("has a schema that names the same values and takes no other", () => {
    const named = schemaPaths(schema).filter((path) => path !== "global");
    const known = leafPaths(defaults);
    expect(known.filter((path) => !named.includes(path))).toEqual([]);
    expect(named.filter((path) => !known.includes(path) && !path.startsWith("resources."))).toEqual([]);
    expect(openObjects(schema)).toEqual([]);
  });
});
