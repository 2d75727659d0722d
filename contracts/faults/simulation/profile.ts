import type { Chance } from "../world/chance.ts";
import type { CourierHabits } from "../world/courier.ts";
import type { Rates } from "../world/weather.ts";

/** What kind of world a seed is. */
export interface Profile {
  instances: 1 | 2;
  vendors: readonly string[];
  idempotent: boolean;
  rates: Rates;
  courier: CourierHabits;
  answersLost: number;
}

const mild: Rates = { store: 0.002, vendor: 0.05, sink: 0.05, death: 0.0005 };
const rough: Rates = { store: 0.01, vendor: 0.2, sink: 0.3, death: 0.003 };
const mortal: Rates = { store: 0.002, vendor: 0.05, sink: 0.1, death: 0.02 };
/** Nothing but vendors and what they answer: long stretches in which breakers open and callbacks overtake. */
const adverse: Rates = { store: 0, vendor: 0.4, sink: 0.1, death: 0.0005 };

/** Draws a world. */
export function profileOf(chance: Chance): Profile {
  return {
    instances: chance.happens(0.4) ? 2 : 1,
    vendors: chance.happens(0.3) ? ["north", "south"] : ["north"],
    idempotent: chance.happens(0.5),
    rates: chance.pick([mild, rough, mortal, adverse]),
    courier: {
      lost: chance.pick([0, 0.1, 0.5]),
      twice: chance.pick([0, 0.3]),
      maxDelayMs: chance.pick([50, 2_000, 30_000]),
    },
    answersLost: chance.pick([0, 0.02, 0.1]),
  };
}

/** A profile in a few words. */
export function inWords({ instances, vendors, idempotent, rates, courier }: Profile): string {
  const name = rates === mild ? "mild" : rates === rough ? "rough" : rates === mortal ? "mortal" : "adverse";
  const naive = idempotent ? "" : ", vendors that do not deduplicate";
  return `${name}, ${instances} × gateway, ${vendors.length} × vendor${naive}, callbacks ${courier.lost * 100} % lost`;
}
