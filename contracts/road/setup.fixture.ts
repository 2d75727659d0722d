/** What the road's tests stand on: a sandbox of their own over real sockets, two partners, its log lines. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Exchange, RunningMock } from "#mocks";
import { partner } from "../../mocks/partner/client.ts";
import type { Partner } from "../../mocks/partner/client.ts";
import { sandboxPartner } from "../../mocks/partner/sandbox.ts";
import { startSandbox } from "../../mocks/sandbox/start.ts";
import type { RunningSandbox, SandboxOptions } from "../../mocks/sandbox/start.ts";
import { capturedLogger } from "../kit/log-lines.ts";
import type { LogLine } from "../kit/log-lines.ts";
import { until } from "../kit/until.ts";

export { capturedLogger, until };
export type { LogLine };

export interface Road {
  sandbox: RunningSandbox;
  /** Where the gateway and its admin listen. */
  origin: string;
  admin: string;
  a: Partner;
  b: Partner;
  /** The gateway's log lines so far, parsed. */
  lines: LogLine[];
  mock(adapter: string): RunningMock;
  /** Stops everything and removes the folder, unless the caller brought it. */
  close(): Promise<void>;
}

/** Starts a sandbox with these adapters on free ports; in a folder of its own, or in `dir` to go on where one stopped. */
export async function openRoad(options: {
  adapters: readonly string[];
  dir?: string;
  gatewayPort?: number;
  webhooks?: SandboxOptions["webhooks"];
}): Promise<Road> {
  const dir = options.dir ?? (await newDir());
  const { logger, lines } = capturedLogger();
  const { adapters, gatewayPort = 0, webhooks } = options;
  const ports = { gatewayPort, adminPort: 0, vendorPort: 0 };
  const more = webhooks === undefined ? {} : { webhooks };
  const sandbox = await startSandbox({ dir, adapters, ...ports, logger, ...more });
  const a = partner(sandboxPartner(dir, "a"));
  const b = partner(sandboxPartner(dir, "b"));
  return {
    sandbox,
    origin: sandbox.info.gateway,
    admin: sandbox.info.admin,
    a,
    b,
    lines,
    mock(adapter) {
      const found = sandbox.mocks.find((mock) => mock.adapter === adapter);
      if (found === undefined) throw new Error(`no mock ${adapter} in this sandbox`);
      return found;
    },
    async close() {
      a.close();
      b.close();
      await sandbox.stop();
      if (options.dir === undefined) await rm(dir, { recursive: true, force: true });
    },
  };
}

/** An empty folder. */
export function newDir(): Promise<string> {
  return mkdtemp(join(tmpdir(), "qiao-road-"));
}

/** The exchanges that a mock saw of one of its operations. */
export function exchangesOf(mock: RunningMock, operation: string): Exchange[] {
  return mock.exchanges.filter((exchange) => exchange.operation === operation);
}
