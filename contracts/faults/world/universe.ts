/** Everything of one run in one process: gateways, vendors with their customers, endpoints, partners, one clock. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ResourceRow } from "#store";
import type { CallSeen, Observed, WebhookSeen } from "../invariants/index.ts";
import type { Chance } from "./chance.ts";
import { Courier } from "./courier.ts";
import type { CourierHabits } from "./courier.ts";
import { openFleet } from "./fleet.ts";
import type { Fleet } from "./fleet.ts";
import { signingKeys } from "./keys.ts";
import { Ledger } from "./ledger.ts";
import type { LedgerEntry } from "./ledger.ts";
import { allRows, anyStore, isOver, names, observed } from "./observe.ts";
import { Partner } from "./partner.ts";
import { Chronicle } from "./place.ts";
import type { World } from "./place.ts";
import type { Mutation } from "./road.ts";
import { VirtualTime } from "./time.ts";
import { installTimers } from "./timers.ts";
import type { Weather } from "./weather.ts";

export interface UniverseOptions {
  chance: Chance;
  weather: Weather;
  /** Instances of the gateway at once. */
  instances: number;
  vendors: readonly string[];
  /** Whether the vendors take a number that they know for the same order. */
  idempotent: boolean;
  courier: CourierHabits;
  /** What becomes of an order: paid by its customer after so long, or left to expire. */
  customer(entry: LedgerEntry): { paysAfterMs: number } | undefined;
  /** Whether a refund is done at once; one that is not ends after so long, `failed` or done. */
  bank(entry: LedgerEntry | undefined): { atOnce: boolean; afterMs: number; fails: boolean };
  /** Breaks ties between events of one millisecond. */
  rank?: () => number;
  /** Whether an answer to a partner is lost on its way. */
  answerLost?: () => boolean;
  mutation?: Mutation;
  /** Told of each effect at a vendor as it happens. */
  onEffect?(entry: LedgerEntry): void;
}

export interface Universe extends World {
  fleet: Fleet;
  courier: Courier;
  ledgers: ReadonlyMap<string, Ledger>;
  partners: Readonly<Record<"a" | "b", Partner>>;
  calls: CallSeen[];
  alarms: Record<string, number>;
  /** All resources of both partners, as the store has them. */
  rows(): Promise<ResourceRow[]>;
  /** Whether nothing is open any more: every resource final, every event delivered. */
  quiet(): Promise<boolean>;
  /** What can be seen without a call; while a gateway lives. */
  glance(): Promise<Observed>;
  /** Has everybody read what is theirs, and try what is not, and says what was seen. */
  observe(): Promise<Observed>;
  close(): void;
}

const startMs = Date.UTC(2026, 10, 22, 12);
const orderExpiresMs = 300_000;
const keyCount = 4;
const keys = signingKeys(keyCount);
/** tmpfs where there is one: its fsync is free, and what is proven here does not need the disk. */
const scratch = process.platform === "linux" ? "/dev/shm" : tmpdir();

/** Opens a universe; the process's timers are its own until it is closed. */
export async function openUniverse(options: UniverseOptions): Promise<Universe> {
  const { chance, weather, rank } = options;
  const time = new VirtualTime(startMs, rank);
  const chronicle = new Chronicle(time);
  const world: World = { time, weather, chronicle };
  const { sign, published } = await keys;
  const dir = mkdtempSync(join(scratch, "qiao-faults-"));
  const restoreTimers = installTimers(time);
  const calls: CallSeen[] = [];
  const alarms: Record<string, number> = {};
  const arrivals: WebhookSeen[] = [];
  let fleet: Fleet | undefined;
  const fleetNow = (): Fleet => {
    if (fleet === undefined) throw new Error("the fleet is not there yet");
    return fleet;
  };
  const courier = new Courier(world, fleetNow, chance.fork("courier"), options.courier);
  const ledgers = new Map(options.vendors.map((name) => [name, vendor(name, options, world, courier)]));
  try {
    fleet = await openFleet({
      ...world,
      file: join(dir, "qiao.sqlite"),
      ledgers,
      sink: { arrivals, keys: published, partnerAt: (url) => new URL(url).hostname.split(".")[0] ?? "" },
      random: chance.fork("jitter").next,
      mutation: options.mutation ?? {},
      shared: new Map(),
      onAlarm: (what) => void (alarms[what] = (alarms[what] ?? 0) + 1),
      places: options.instances,
      keys: sign,
      chance: chance.fork("fleet"),
    });
    await registerEndpoints(fleetNow());
  } catch (error) {
    restoreTimers();
    throw error;
  }
  const [a, b] = names.map((name) => new Partner(name, world, fleetNow, calls, options.answerLost)) as [
    Partner,
    Partner,
  ];
  const rows = (): Promise<ResourceRow[]> => allRows(anyStore(fleetNow()));
  return {
    ...world,
    fleet: fleetNow(),
    courier,
    ledgers,
    partners: { a, b },
    calls,
    alarms,
    rows,
    async quiet() {
      if (fleetNow().all().length < options.instances) return false;
      const { pending } = await anyStore(fleetNow()).backlog(time.nowMs);
      return pending === 0 && (await rows()).every(isOver);
    },
    glance: () => observed(undefined, fleetNow(), time, { calls, arrivals, ledgers }),
    observe: () => observed({ a, b }, fleetNow(), time, { calls, arrivals, ledgers }),
    close() {
      fleet?.close();
      restoreTimers();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

function vendor(name: string, options: UniverseOptions, { time }: World, courier: Courier): Ledger {
  const ledger = new Ledger(name, {
    idempotent: options.idempotent,
    now: () => time.nowMs,
    onEffect: (entry) => options.onEffect?.(entry),
    refundsAtOnce: () => options.bank(undefined).atOnce,
    onNew(entry) {
      const become = (afterMs: number, state: LedgerEntry["state"]) =>
        time.after(afterMs, undefined, () => {
          if (entry.state !== "waiting" && entry.state !== "working") return;
          ledger.move(entry, state);
          courier.tell(entry);
        });
      if (entry.state === "waiting") {
        const customer = options.customer(entry);
        if (customer !== undefined) become(customer.paysAfterMs, "paid");
        become(orderExpiresMs, "closed");
      } else if (entry.state === "working") {
        const { afterMs, fails } = options.bank(entry);
        become(afterMs, fails ? "failed" : "done");
      }
    },
  });
  return ledger;
}

async function registerEndpoints(fleet: Fleet): Promise<void> {
  const store = anyStore(fleet);
  for (const name of names) {
    const id = `whe_${name.repeat(24)}`;
    const url = `https://${name}.test/hooks`;
    await store.addEndpoint({ id, partner: name, url, types: ["*"], secrets: [], createdAtMs: startMs });
  }
}
