/** A gateway of several workers: the real processes, on a PostgreSQL schema, over mock vendors of the test's own. */
import { randomBytes } from "node:crypto";
import { rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import type { GatewayConfigInput } from "#gateway";
import { startMock } from "#mocks";
import type { MockDefinition, RunningMock } from "#mocks";
import { partner } from "../../mocks/partner/client.ts";
import type { Partner } from "../../mocks/partner/client.ts";
import { freePort } from "../../mocks/sandbox/ports.ts";
import { adaptersDir, newKey } from "./gateway.fixture.ts";
import type { KeyPair } from "./gateway.fixture.ts";
import { projectDir, startProcess } from "./process.fixture.ts";
import type { Process } from "./process.fixture.ts";
import { newDir, until } from "./setup.fixture.ts";
import type { LogLine } from "./setup.fixture.ts";

const host = "127.0.0.1";
const readyWithinMs = 20_000;
const shedPauseMs = 50;

export interface WorkerStatus {
  worker: number;
  pid: number;
  state: string;
}

export interface Workers {
  process: Process;
  origin: string;
  admin: string;
  mocks: readonly RunningMock[];
  /** Speaks as the holder of this key, over connections of its own; repeats what was refused for overload. */
  as(key: KeyPair): Partner;
  /** What `/livez` of the admin port tells of the workers. */
  status(): Promise<WorkerStatus[]>;
  /** Waits until so many are ready, all of them. */
  untilReady(workers: number): Promise<void>;
  /** The log lines so far, of all processes. */
  lines(): LogLine[];
  close(): Promise<void>;
}

export interface WorkersOptions extends Pick<GatewayConfigInput, "partners"> {
  /** Arguments of the command line. */
  args: readonly string[];
  store: { url: string } | { file: string };
  adapters?: readonly string[];
  more?: Partial<GatewayConfigInput>;
}

/** Starts the process; does not wait for it. */
export async function startWorkers({ args, partners, store, adapters = [], more }: WorkersOptions): Promise<Workers> {
  const dir = await newDir();
  const signing = await newKey();
  const gatewayJwks = { keys: [signing.published] };
  const mocks = await Promise.all(
    adapters.map(async (name) => {
      const file = pathToFileURL(join(adaptersDir, name, "mock.ts"));
      const { default: definition } = (await import(file.href)) as { default: MockDefinition };
      return startMock(definition, { gatewayJwks });
    }),
  );
  const [port, adminPort] = [await freePort(host), await freePort(host)];
  const [origin, admin] = [`http://${host}:${port}`, `http://${host}:${adminPort}`];
  const config: GatewayConfigInput = {
    profile: "sandbox",
    publicOrigin: origin,
    listen: { host, port },
    admin: { host, port: adminPort },
    adaptersDir,
    store: { ...store, keys: [{ id: "1", key: randomBytes(32).toString("base64url") }] },
    signing: { keys: [signing.jwk as GatewayConfigInput["signing"]["keys"][number]] },
    partners,
    adapters: Object.fromEntries(mocks.map((mock) => [mock.adapter, mock.config])),
    ...more,
  };
  const file = join(dir, "config.json");
  await writeFile(file, JSON.stringify(config), { mode: 0o600 });
  // Modules compiled once for all tests: starting processes is most of their time.
  const env = { QIAO_CONFIG: file, NODE_COMPILE_CACHE: join(tmpdir(), "qiao-test-modules") };
  const started = startProcess(join(projectDir, "gateway/main.ts"), env, args);
  const made: Partner[] = [];
  const status = async (): Promise<WorkerStatus[]> => {
    const answer = await fetch(`${admin}/livez`).catch(() => undefined);
    return answer === undefined ? [] : ((await answer.json()) as { workers: WorkerStatus[] }).workers;
  };
  return {
    process: started,
    origin,
    admin,
    mocks,
    status,
    as(key) {
      const each = partner({ origin, jwk: key.jwk, gatewayJwks });
      made.push(each);
      return patient(each);
    },
    async untilReady(workers) {
      const ready = async (): Promise<boolean> => {
        const all = await status();
        return all.length === workers && all.every(({ state }) => state === "ready");
      };
      await until(`${workers} workers ready`, ready, readyWithinMs).catch((error: unknown) => {
        throw new Error(started.output(), { cause: error });
      });
    },
    lines: () =>
      started
        .output()
        .split("\n")
        .filter((line) => line.startsWith("{") && line.endsWith("}"))
        .map((line) => JSON.parse(line) as LogLine),
    async close() {
      for (const each of made) each.close();
      started.signal("SIGKILL");
      await started.exited;
      await Promise.all(mocks.map((mock) => mock.stop()));
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** On a busy machine a worker may shed a call, undone; a test of something else repeats it as the answer says. */
function patient(each: Partner): Partner {
  return {
    ...each,
    async request(...asked) {
      for (;;) {
        const answer = await each.request(...asked);
        if ((answer.body as { code?: string } | undefined)?.code !== "overloaded") return answer;
        await sleep(shedPauseMs);
      }
    },
  };
}
