import type { Chance } from "./chance.ts";
import { openGateway } from "./gateway.ts";
import type { Gateway, GatewayOptions } from "./gateway.ts";
import type { SignKey } from "#signature";

/** Processes that are started again when they die: as many places as instances are to run at once. */
export interface Fleet {
  /** A gateway that lives, by chance; undefined while none does. */
  any(): Gateway | undefined;
  all(): Gateway[];
  /** How often one was started. */
  starts(): number;
  /** Nothing is started any more, and all die. */
  close(): void;
}

export interface FleetOptions extends Omit<GatewayOptions, "name" | "key" | "onDeath"> {
  places: number;
  /** One for each generation: every start signs with the next. */
  keys: readonly SignKey[];
  chance: Chance;
}

const minRestartMs = 300;
const maxRestartMs = 5_000;

/** Starts the gateways, one after another. */
export async function openFleet(options: FleetOptions): Promise<Fleet> {
  const { places, keys, chance, time } = options;
  const running: (Gateway | undefined)[] = [];
  let started = 0;
  let closed = false;
  const start = async (place: number): Promise<void> => {
    if (closed) return;
    started += 1;
    const key = keys[started % keys.length];
    if (key === undefined) throw new Error("a fleet needs keys");
    const onDeath = (): void => {
      running[place] = undefined;
      time.after(chance.between(minRestartMs, maxRestartMs), undefined, () => start(place));
    };
    running[place] = await openGateway({ ...options, name: `g${place}.${started}`, key, onDeath });
  };
  for (let place = 0; place < places; place += 1) await start(place);
  const all = (): Gateway[] => running.filter((gateway) => gateway?.alive() === true) as Gateway[];
  return {
    all,
    starts: () => started,
    any() {
      const living = all();
      return living.length === 0 ? undefined : chance.pick(living);
    },
    close() {
      closed = true;
      for (const gateway of all()) gateway.die();
    },
  };
}
