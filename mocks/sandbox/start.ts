import { fileURLToPath } from "node:url";
import type { Logger } from "pino";
import { neverOverloaded, startGateway } from "#gateway";
import type { GatewayConfigInput } from "#gateway";
import { startMock, type RunningMock } from "#mocks";
import { discoverMocks } from "./discover.ts";
import { openFolder } from "./folder.ts";
import { keepKeys, type SandboxKeys } from "./keys.ts";
import { assertFree, freePort } from "./ports.ts";
import { answers } from "./ready.ts";
import type { SandboxSettings } from "./settings.ts";

const host = "127.0.0.1";
const defaultAdaptersDir = fileURLToPath(new URL("../../adapters", import.meta.url));

export interface SandboxOptions extends SandboxSettings {
  /** Default: the project's own. */
  adaptersDir?: string;
  /** Only these vendors. Default: every folder that has a mock. */
  adapters?: readonly string[];
  /** How events are delivered to partners, where it is not as usual. */
  webhooks?: GatewayConfigInput["webhooks"];
  logLevel?: "debug" | "info" | "warn" | "error" | "silent";
  /** Where the gateway's log lines go; standard output when absent. */
  logger?: Logger;
}

/** What stands in `sandbox.json`. */
export interface SandboxFile {
  gateway: string;
  admin: string;
  partners: Record<"a" | "b", { keyid: string; keyFile: string }>;
  /** Credentials are named as the vendor's own SDK names its options. */
  vendors: Record<string, { url: string; [credential: string]: unknown }>;
}

export interface RunningSandbox {
  dir: string;
  /** Path of `sandbox.json`. */
  file: string;
  info: SandboxFile;
  keys: SandboxKeys;
  mocks: readonly RunningMock[];
  /** Takes `sandbox.json` away, drains the gateway, stops every vendor. */
  stop(): Promise<void>;
}

/**
 * Starts the gateway and every mock vendor in this process, on 127.0.0.1. `sandbox.json` is written last, when everything
 * answers. Throws a `SandboxError` with what to do; nothing is left running then.
 */
export async function startSandbox(options: SandboxOptions): Promise<RunningSandbox> {
  await using undo = new AsyncDisposableStack();
  const adaptersDir = options.adaptersDir ?? defaultAdaptersDir;
  const definitions = await discoverMocks(adaptersDir, options.adapters);
  const vendorPort = (index: number): number => (options.vendorPort === 0 ? 0 : options.vendorPort + index);
  await assertFree(host, [
    { port: options.gatewayPort, what: "the gateway", variable: "QIAO_PORT" },
    { port: options.adminPort, what: "the gateway's admin", variable: "QIAO_ADMIN_PORT" },
    ...definitions.map(({ adapter }, index) => ({
      port: vendorPort(index),
      what: `the mock vendor ${adapter}`,
      variable: "QIAO_VENDOR_PORT",
    })),
  ]);

  const folder = await openFolder(options.dir);
  undo.defer(() => folder.release());
  await folder.remove("sandbox.json");
  const keys = await keepKeys(folder);

  const starts = await Promise.allSettled(
    definitions.map((definition, index) =>
      startMock(definition, { dir: folder.path, host, port: vendorPort(index), gatewayJwks: keys.gateway.jwks }),
    ),
  );
  const mocks = starts.flatMap((start) => (start.status === "fulfilled" ? [start.value] : []));
  undo.defer(async () => void (await Promise.all(mocks.map((mock) => mock.stop()))));
  const failed = starts.find((start) => start.status === "rejected");
  if (failed !== undefined) throw failed.reason;

  const port = options.gatewayPort === 0 ? await freePort(host) : options.gatewayPort;
  const gateway = await startGateway(
    {
      profile: "sandbox",
      publicOrigin: `http://${host}:${port}`,
      listen: { host, port },
      admin: { host, port: options.adminPort },
      adaptersDir,
      store: { file: folder.file("qiao.sqlite"), keys: keys.store },
      signing: { keys: [keys.gateway.jwk], archived: [] },
      partners: [
        { id: "partner-a", name: "Sandbox partner A", scopes: ["*"], jwks: keys.partners.a.jwks },
        { id: "partner-b", name: "Sandbox partner B", scopes: ["*"], jwks: keys.partners.b.jwks },
      ],
      adapters: Object.fromEntries(mocks.map((mock) => [mock.adapter, mock.config])),
      ...(options.webhooks === undefined ? {} : { webhooks: options.webhooks }),
      logLevel: options.logLevel ?? "info",
    },
    { overload: neverOverloaded, ...(options.logger === undefined ? {} : { logger: options.logger }) },
  );
  undo.defer(() => gateway.drain());

  await Promise.all([
    answers("the gateway", `${gateway.adminOrigin}/readyz`),
    ...mocks.map((mock) => answers(`the mock vendor ${mock.adapter}`, mock.origin, true)),
  ]);
  const info: SandboxFile = {
    gateway: gateway.origin,
    admin: gateway.adminOrigin,
    partners: {
      a: { keyid: keys.partners.a.keyid, keyFile: keys.partners.a.keyFile },
      b: { keyid: keys.partners.b.keyid, keyFile: keys.partners.b.keyFile },
    },
    vendors: Object.fromEntries(mocks.map((mock) => [mock.adapter, { ...mock.credentials, url: mock.origin }])),
  };
  undo.defer(() => folder.remove("sandbox.json"));
  await folder.write("sandbox.json", info);

  const running = undo.move();
  return {
    dir: folder.path,
    file: folder.file("sandbox.json"),
    info,
    keys,
    mocks,
    stop: () => running.disposeAsync(),
  };
}
