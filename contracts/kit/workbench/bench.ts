/** The whole road for one adapter in this process: gateway, adapter, and its mock or a real sandbox. */
import { randomBytes } from "node:crypto";
import { access, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Adapter } from "#capability";
import { neverOverloaded, startGateway } from "#gateway";
import type { GatewayConfigInput } from "#gateway";
import { startMock } from "#mocks";
import type { MockDefinition, RunningMock } from "#mocks";
import { generateJwk, loadSignKey, publicJwks } from "#signature";
import { partner } from "../../../mocks/partner/client.ts";
import type { Partner } from "../../../mocks/partner/client.ts";
import { freePort } from "../../../mocks/sandbox/ports.ts";
import { watchWire } from "../fixtures/watch-wire.ts";
import type { Sink } from "../fixtures/watched.ts";
import { register } from "./registry.ts";

const host = "127.0.0.1";

export interface BenchOptions {
  adaptersDir: string;
  name: string;
  /** The adapter's configuration for a real sandbox; without it its mock plays the vendor. */
  against?: unknown;
  /** Where the vendor reaches us, if not on this machine: a tunnel's origin. */
  publicOrigin?: string;
  /** The gateway's port; any free one when absent. */
  port?: number;
  /** Credentials are obtained anew for each operation, so that a recording of it is whole. */
  record: boolean;
  sink: Sink;
}

export interface Bench {
  manifest: Adapter;
  /** The configuration in use, as it was given. */
  config: unknown;
  /** The mock's configuration, where the adapter has a mock. */
  mock: RunningMock | undefined;
  partner: Partner;
  stop(): Promise<void>;
}

/** Something that the developer can mend. */
export class BenchError extends Error {
  override readonly name = "BenchError";
}

type SigningKey = GatewayConfigInput["signing"]["keys"][number];
type PartnerKeys = GatewayConfigInput["partners"][number]["jwks"];

/** Starts it, or throws with nothing left running. */
export async function startBench(options: BenchOptions): Promise<Bench> {
  await using undo = new AsyncDisposableStack();
  const { adaptersDir, name, against, sink } = options;
  const manifest = await load<Adapter>(adaptersDir, name, "index.ts");
  const root = await mkdtemp(join(tmpdir(), "qiao-bench-"));
  undo.defer(() => rm(root, { recursive: true, force: true }));
  const id = randomBytes(6).toString("hex");
  const unregister = register(id, sink, options.record);
  undo.defer(() => unregister());
  const unwatch = watchWire();
  undo.defer(() => unwatch());
  await writeStandIn(root, adaptersDir, name, id);

  const [ownJwk, partnerJwk] = await Promise.all([generateJwk(), generateJwk()]);
  const [ownKey, partnerKey] = await Promise.all([loadSignKey(ownJwk), loadSignKey(partnerJwk)]);
  const gatewayJwks = publicJwks([ownKey]);
  const mock = await playVendor(options, gatewayJwks);
  if (mock !== undefined) undo.defer(() => mock.stop());
  const config = against ?? mock?.config;
  const port = options.port ?? (await freePort(host));
  const publicOrigin = options.publicOrigin ?? `http://${host}:${port}`;
  const gateway = await startGateway(
    {
      profile: "sandbox",
      publicOrigin,
      listen: { host, port },
      admin: { host, port: 0 },
      adaptersDir: join(root, "adapters"),
      store: { file: join(root, "bench.sqlite"), keys: [{ id: "bench", key: randomBytes(32).toString("base64url") }] },
      signing: { keys: [ownJwk as SigningKey], archived: [] },
      partners: [{ id: "partner-a", name: "Bench", scopes: ["*"], jwks: publicJwks([partnerKey]) as PartnerKeys }],
      adapters: { [name]: config },
      logLevel: "silent",
    },
    { overload: neverOverloaded },
  ).catch((error: unknown) => {
    const isOurs = against === undefined && error instanceof Error && error.name === "ConfigError";
    throw isOurs
      ? new BenchError(`${error.message}\nThis is the \`config\` of mock.ts; config.ts asks for another.`)
      : error;
  });
  undo.defer(() => gateway.drain());
  const caller = partner({ origin: gateway.origin, publicOrigin, jwk: partnerJwk, gatewayJwks });
  undo.defer(() => caller.close());
  const running = undo.move();
  return { manifest, config, mock, partner: caller, stop: () => running.disposeAsync() };
}

/** A folder whose adapter is the real one, watched: the gateway discovers it as it does any other. */
async function writeStandIn(root: string, adaptersDir: string, name: string, id: string): Promise<void> {
  const folder = join(root, "adapters", name);
  await mkdir(folder, { recursive: true });
  await writeFile(join(root, "package.json"), JSON.stringify({ type: "module" }));
  const real = pathToFileURL(join(adaptersDir, name, "index.ts")).href;
  const registry = new URL("registry.ts", import.meta.url).href;
  const lines = [
    `import { watched } from ${JSON.stringify(registry)};`,
    `import adapter from ${JSON.stringify(real)};`,
    `export default watched(${JSON.stringify(id)}, adapter);`,
  ];
  await writeFile(join(folder, "index.ts"), `${lines.join("\n")}\n`);
}

async function playVendor(
  options: BenchOptions,
  gatewayJwks: { keys: Record<string, unknown>[] },
): Promise<RunningMock | undefined> {
  const { adaptersDir, name, against } = options;
  if (against !== undefined) return undefined;
  const definition = await load<MockDefinition>(adaptersDir, name, "mock.ts");
  return startMock(definition, { gatewayJwks });
}

/** The default export of one file of the adapter's folder. Throws a `BenchError` if it is not there. */
async function load<T>(adaptersDir: string, name: string, file: string): Promise<T> {
  const path = join(adaptersDir, name, file);
  await access(path).catch(() => {
    throw new BenchError(`there is no ${path}; npm run adapter:new -- ${name} makes the folder`);
  });
  const module = (await import(pathToFileURL(path).href)) as { default?: T };
  if (module.default === undefined) throw new BenchError(`${path} has no default export`);
  return module.default;
}
