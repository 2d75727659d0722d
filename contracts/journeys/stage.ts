import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { partner } from "../../mocks/partner/client.ts";
import { sandboxPartner } from "../../mocks/partner/sandbox.ts";
import { readSettings } from "../../mocks/sandbox/settings.ts";
import { startSandbox, type SandboxFile } from "../../mocks/sandbox/start.ts";
import type { RunningMock } from "#mocks";
import type { Caller } from "./play.ts";
import { startReceiver, type Receiver } from "../../mocks/partner/receiver.ts";

/** Where the stories are played. */
export interface Stage {
  what: string;
  caller: Caller;
  /** Where the partner gets its webhooks; registered with the gateway until the end. */
  hook: Receiver;
  /** URL of each vendor. */
  vendors: Record<string, string>;
  /** The vendors themselves, if they run in this process. */
  mocks: readonly RunningMock[];
  close(): Promise<void>;
}

const probeTimeoutMs = 2_000;

/** The stories tell what these are asked; another vendor of the same capability would be asked otherwise. */
const vendors = ["account-centre", "alipay-huabei", "openbanking-uk", "plaid-check", "tencent-faceid"];

/** The running sandbox if there is one that answers (found through its `sandbox.json`), else one of our own. */
export async function openStage(env: Readonly<Record<string, string | undefined>>): Promise<Stage> {
  const { dir } = readSettings(env);
  const running = await readRunning(join(dir, "sandbox.json"));
  return running === undefined
    ? ownStage()
    : stageOf(`the sandbox at ${running.gateway}`, dir, running, [], async () => {});
}

async function readRunning(file: string): Promise<SandboxFile | undefined> {
  try {
    const info = JSON.parse(await readFile(file, "utf8")) as SandboxFile;
    const response = await fetch(`${info.gateway}/.well-known/jwks.json`, {
      signal: AbortSignal.timeout(probeTimeoutMs),
    });
    await response.body?.cancel();
    return response.ok ? info : undefined;
  } catch {
    return undefined;
  }
}

async function ownStage(): Promise<Stage> {
  const dir = await mkdtemp(join(tmpdir(), "qiao-journey-"));
  const removeDir = (): Promise<void> => rm(dir, { recursive: true, force: true });
  try {
    const ports = { gatewayPort: 0, adminPort: 0, vendorPort: 0 };
    const sandbox = await startSandbox({ dir, adapters: vendors, ...ports, logLevel: "silent" });
    return await stageOf("a sandbox of its own", dir, sandbox.info, sandbox.mocks, async () => {
      await sandbox.stop();
      await removeDir();
    });
  } catch (error) {
    await removeDir();
    throw error;
  }
}

async function stageOf(
  what: string,
  dir: string,
  info: SandboxFile,
  mocks: readonly RunningMock[],
  close: () => Promise<void>,
): Promise<Stage> {
  const known = sandboxPartner(dir, "a");
  const caller = partner(known);
  const hook = await startReceiver(known);
  const endpoints = "/v1/webhook-endpoints";
  const made = await caller.request("POST", endpoints, { body: { url: hook.url, types: ["*"] } });
  const { id, detail } = made.body as { id?: string; detail?: string };
  if (id === undefined) throw new Error(`the partner's webhook endpoint was refused: ${detail ?? made.status}`);
  return {
    what,
    caller,
    hook,
    vendors: Object.fromEntries(Object.entries(info.vendors).map(([name, { url }]) => [name, url])),
    mocks,
    async close() {
      await caller.request("POST", `${endpoints}/${id}/remove`);
      caller.close();
      await hook.close();
      await close();
    },
  };
}
