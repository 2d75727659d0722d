/** Which faults strike where. Every outside effect of the gateway asks before it happens. */
import type { Chance } from "./chance.ts";

type Port = "store" | "vendor" | "sink" | "clock";

/** An effect that is about to happen. */
export interface Effect {
  port: Port;
  /** E.g. `begin`, `POST /orders`. */
  what: string;
  instance: string;
}

/**
 * `fails_before`: nothing happened, and the caller learns of an error. `fails_after`: it happened, and the answer is lost.
 * `hangs`: no answer until the caller's deadline; it happens after that. `dies_…`: the process is no more, before or after.
 * `stalls`: it happens, and the process stands still for a minute, as one that was stopped or moved to another machine does.
 * The rest are a vendor's own: what it answers while it does the thing or does not; and a clock that is put wrong.
 */
export type FaultKind =
  | "fails_before"
  | "fails_after"
  | "hangs"
  | "dies_before"
  | "dies_after"
  | "swallowed"
  | "error_before"
  | "error_after"
  | "page_after"
  | "busy"
  | "garbled_after"
  | "altered_after"
  | "slow"
  | "stalls"
  | "clock_forward"
  | "clock_back";

export interface Weather {
  strike(effect: Effect): FaultKind | undefined;
  /** How long one leg takes, in whole milliseconds. */
  legMs(port: Port): number;
}

/** Weather whose faults can be ended for good. */
export interface ClearingWeather extends Weather {
  clear(): void;
}

/** Legs of a fixed length: a story without a fault is the same each time. */
const fixedLegsMs: Readonly<Record<Port, number>> = { store: 1, vendor: 20, sink: 20, clock: 0 };

/** Counts the effects that a fault of this kind could strike, and strikes the n-th, once. */
export function nthFault(n: number, kind: FaultKind): ClearingWeather & { struck(): Effect | undefined } {
  const ports = portsOf(kind);
  let count = 0;
  let struck: Effect | undefined;
  let over = false;
  return {
    legMs: (port) => fixedLegsMs[port],
    struck: () => struck,
    clear: () => void (over = true),
    strike(effect) {
      if (over || !ports.includes(effect.port)) return undefined;
      count += 1;
      if (count !== n) return undefined;
      struck = effect;
      return kind;
    },
  };
}

function portsOf(kind: FaultKind): readonly Port[] {
  switch (kind) {
    case "clock_forward":
    case "clock_back":
      return ["clock"];
    case "fails_before":
    case "fails_after":
    case "hangs":
    case "slow":
    case "stalls":
    case "dies_before":
    case "dies_after":
      return ["store", "vendor", "sink"];
    default:
      return ["vendor"];
  }
}

const vendorFaults: readonly FaultKind[] = [
  "fails_before",
  "fails_after",
  "hangs",
  "swallowed",
  "error_before",
  "error_after",
  "page_after",
  "busy",
  "garbled_after",
  "altered_after",
  "slow",
  "stalls",
];
const storeFaults: readonly FaultKind[] = ["fails_before", "fails_after", "hangs", "slow", "stalls"];
const sinkFaults: readonly FaultKind[] = [
  "fails_before",
  "fails_after",
  "hangs",
  "error_before",
  "error_after",
  "busy",
];

/** How long a process that stalls stands still: longer than any lease of a claim. */
export const stallMs = 60_000;

export interface Rates {
  store: number;
  vendor: number;
  sink: number;
  /** Of any effect: that the process dies just before or after it. */
  death: number;
}

/** Faults at random, by a seed. */
export function stormy(chance: Chance, rates: Rates): ClearingWeather {
  const faults = { store: storeFaults, vendor: vendorFaults, sink: sinkFaults };
  let blows = true;
  return {
    clear: () => void (blows = false),
    strike({ port }) {
      if (!blows || port === "clock") return undefined;
      if (chance.happens(rates.death)) return chance.pick(["dies_before", "dies_after"] as const);
      return chance.happens(rates[port]) ? chance.pick(faults[port]) : undefined;
    },
    legMs(port) {
      if (port === "clock") return 0;
      if (port === "store") return chance.between(0, 3);
      return chance.happens(0.9) ? chance.between(2, 150) : chance.between(150, 2_500);
    },
  };
}
