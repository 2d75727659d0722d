/** One adapter on the bench: its mock behind the fault layer, and gateways that call it. Everything starts when needed. */
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startMock } from "#mocks";
import type { KitFacts, RunningMock } from "#mocks";
import { withFaults } from "../../mocks/faults/index.ts";
import type { FaultLayer } from "../../mocks/faults/index.ts";
import { kitKeys, openGateway } from "./gateway.ts";
import type { KitGateway, KitGatewayOptions, KitKeys } from "./gateway.ts";
import { watchSockets } from "./sockets.ts";
import type { SocketWatch } from "./sockets.ts";
import type { Subject } from "./types.ts";

/** Where there is one, stores are kept in memory: a disk would be waited for at every commit, and no law is about disks. */
const memoryDir = "/dev/shm";

export interface Bench {
  subject: Subject;
  layer: FaultLayer;
  mock: RunningMock;
  /** How far the vendor's clock is from the machine's. */
  vendorClock: { offsetMs: number };
  sockets: SocketWatch;
  keys: KitKeys;
  dir: string;
  facts(): KitFacts;
  /** The gateway that most laws use. */
  usual(): Promise<KitGateway>;
  /** Another one over the same mock; stopped with the bench. */
  gateway(options?: KitGatewayOptions["options"]): Promise<KitGateway>;
  gateways: readonly KitGateway[];
  /** What laws share: made once, at the first use. */
  shared<T>(name: string, make: () => Promise<T>): Promise<T>;
  /** Personal values that were put into requests so far. */
  canaries: Set<string>;
  stop(): Promise<void>;
}

/** Starts the mock. Throws if it cannot start. */
export async function openBench(subject: Subject): Promise<Bench> {
  const dir = await mkdtemp(join(existsSync(memoryDir) ? memoryDir : tmpdir(), "qiao-kit-"));
  const layer = withFaults(subject.mock, subject.adapter.callbacks?.acknowledge({ result: "ignored" }));
  const vendorClock = { offsetMs: 0 };
  const keys = await kitKeys();
  const mock = await startMock(layer.definition, { now: () => new Date(Date.now() + vendorClock.offsetMs) });
  const sockets = watchSockets(mock.origin);
  const gateways: KitGateway[] = [];
  const made = new Map<string, Promise<unknown>>();
  const { adaptersDir, adapter } = subject;

  const shared = <T>(name: string, make: () => Promise<T>): Promise<T> => {
    const known = made.get(name) as Promise<T> | undefined;
    const promise = known ?? make();
    made.set(name, promise);
    return promise;
  };
  const gateway = async (options: KitGatewayOptions["options"] = {}): Promise<KitGateway> => {
    const opened = await openGateway({ dir, adaptersDir, keys, adapters: { [adapter.name]: mock.config }, options });
    gateways.push(opened);
    return opened;
  };

  return {
    subject,
    layer,
    mock,
    vendorClock,
    sockets,
    keys,
    dir,
    facts: () => layer.vendor().kit ?? {},
    usual: () => shared("the usual gateway", () => gateway()),
    gateway,
    gateways,
    shared,
    canaries: new Set(),
    async stop() {
      await Promise.all(gateways.map((each) => each.stop()));
      sockets.stop();
      await mock.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
