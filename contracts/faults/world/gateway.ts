import type { CallbackRequest } from "#capability";
import type { SignKey } from "#signature";
import { openSqliteStore, sealer } from "#store";
import type { Store } from "#store";
import { takeCallback } from "../../../gateway/callbacks/index.ts";
import type { CallbackOutcome } from "../../../gateway/callbacks/index.ts";
import { answerChecks } from "../../../gateway/operations/contract.ts";
import { createOperations } from "../../../gateway/operations/index.ts";
import type { OperationAnswer, OperationPorts, RecoveryLimits } from "../../../gateway/operations/index.ts";
import { startRecovery } from "../../../gateway/recovery/loop.ts";
import { supports } from "../../../gateway/routing/index.ts";
import { startRelay } from "../../../gateway/webhooks/relay.ts";
import { answered, newRequestId } from "./door.ts";
import type { PartnerRequest } from "./door.ts";
import type { Ledger } from "./ledger.ts";
import type { Place, World } from "./place.ts";
import { loaded, outboundOf } from "./road.ts";
import type { Mutation } from "./road.ts";
import { sinkPort } from "./sink.ts";
import type { Sink } from "./sink.ts";
import { storePort } from "./store-port.ts";
import { StoreThread } from "./thread.ts";
import { vendorPort } from "./vendor-port.ts";

const publicOrigin = "https://gateway.test";
/** A clock that is put wrong is put right after so long. */
const clockRepairMs = 30_000;
const clockStepMs = 3_600_000;

/** Short pauses where production has hours, so that a simulated hour shows what a real day would. */
const recovery: RecoveryLimits = {
  unknownFirstAskMs: 2_000,
  waitingFirstAskMs: 15_000,
  maxAskEveryMs: 60_000,
  maxAsksUntilStuck: 12,
  leaseMs: 60_000,
};
const webhookRetryMs = [1, 5, 20, 60, 60, 60, 120, 120, 120, 120, 240, 240, 240, 240, 240, 240].map((s) => s * 1_000);

export interface GatewayOptions extends World {
  name: string;
  /** The file of its store. */
  file: string;
  ledgers: ReadonlyMap<string, Ledger>;
  sink: Sink;
  key: SignKey;
  random(): number;
  mutation: Mutation;
  /** Memory that a mutation keeps as if it were in the database. */
  shared: Map<string, unknown>;
  onAlarm(what: string, detail: Record<string, unknown>): void;
  onDeath(): void;
}

/** One process of the gateway: real operations, recovery, relay, callbacks and store; its outside is ports. */
export interface Gateway {
  name: string;
  alive(): boolean;
  /** Never resolves when the gateway dies before it answers. */
  call(request: PartnerRequest): Promise<OperationAnswer>;
  callback(vendor: string, request: CallbackRequest): Promise<CallbackOutcome>;
  /** Cuts it off from everything, for ever. */
  die(): void;
  /** The store without its port, to look at. */
  peek: Store;
}

const checkAnswer = answerChecks();
const sealing = sealer({ keys: [{ id: "1", key: Buffer.alloc(32, 7).toString("base64url") }] });

/** Opens a gateway on a file. */
export async function openGateway(options: GatewayOptions): Promise<Gateway> {
  const { name, time, ledgers, mutation, random } = options;
  const owner = { name };
  let alive = true;
  let clockOffsetMs = 0;
  let thread: StoreThread | undefined;
  const place: Place = {
    time,
    weather: options.weather,
    chronicle: options.chronicle,
    instance: name,
    owner,
    alive: () => alive,
    die() {
      if (!alive) return;
      alive = false;
      time.drop(owner);
      thread?.crash();
      options.chronicle.note(`${name} is dead`);
      options.onDeath();
    },
  };
  /** Work that comes from outside is begun when the process runs. */
  const inside = <T>(work: () => Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => time.after(0, owner, () => void work().then(resolve, reject)));
  const clockMs = (): number => time.nowMs + clockOffsetMs;
  const now = (): Date => {
    const fault = strikeClock(place);
    if (fault !== 0 && alive) {
      clockOffsetMs = fault;
      time.after(clockRepairMs, owner, () => (clockOffsetMs = 0));
    }
    return new Date(clockMs());
  };

  return time.as(owner, async () => {
    const spawn = (start: ConstructorParameters<typeof StoreThread>[0]) => (thread = new StoreThread(start)).asWorker();
    const peek = await openSqliteStore({ path: options.file, sealer: sealing, spawn });
    const ported = storePort(peek, place);
    const store = mutation.store?.(ported, options.shared) ?? ported;
    const adapters = await Promise.all([...ledgers.keys()].map((vendor) => loaded(vendor, mutation)));
    const outbound = outboundOf(vendorPort(ledgers, place), now, random);
    const ports: OperationPorts = {
      store,
      outbound: mutation.outbound?.(outbound) ?? outbound,
      routing: {
        all: () => adapters,
        refused: () => undefined,
        adapter: (vendor) => adapters.find(({ manifest }) => manifest.name === vendor),
        candidates: (operationId) => adapters.filter(({ manifest }) => supports(manifest, operationId)),
      },
      publicOrigin,
      now,
      random,
      recovery,
      checkAnswer,
      alarm: options.onAlarm,
    };
    const operations = createOperations(ports);
    startRecovery(ports);
    startRelay(
      {
        store,
        sender: sinkPort(options.sink, clockMs, place),
        key: options.key,
        now,
        random,
        onAttempt: () => {},
        onFault: () => {},
      },
      { retryDelaysMs: webhookRetryMs },
    );
    return {
      name,
      peek,
      alive: () => alive,
      die: () => place.die(),
      call: (request) => inside(() => answered(operations, request, clockMs())),
      callback: (vendor, request) =>
        inside(() => {
          const adapter = ports.routing.adapter(vendor);
          if (adapter === undefined) throw new Error(`no adapter ${vendor}`);
          return takeCallback(ports, adapter, request, { requestId: newRequestId(), traceparent: "" });
        }),
    };
  });
}

/** Milliseconds by which the clock is put wrong; 0 = it is not. */
function strikeClock(place: Place): number {
  const effect = { port: "clock" as const, what: "now", instance: place.instance };
  const fault = place.weather.strike(effect);
  if (fault === undefined) return 0;
  place.chronicle.count(`clock ${fault}`);
  place.chronicle.note(`${place.instance} ${fault}`);
  return fault === "clock_forward" ? clockStepMs : -clockStepMs;
}
