import { createHash } from "node:crypto";
import type { VirtualTime } from "./time.ts";
import { stallMs } from "./weather.ts";
import type { Effect, FaultKind, Weather } from "./weather.ts";

/** What all parts of one simulated world share. */
export interface World {
  time: VirtualTime;
  weather: Weather;
  chronicle: Chronicle;
}

/** Where a port stands: in one instance of the gateway, which may die at any effect. */
export interface Place extends World {
  instance: string;
  owner: object;
  alive(): boolean;
  die(): void;
}

const keptLines = 60;

/** What happened, as a hash over all of it, the latest lines, and counts of the faults. */
export class Chronicle {
  readonly faults: Record<string, number> = {};
  readonly latest: string[] = [];
  readonly #hash = createHash("sha256");
  readonly #time: VirtualTime;

  constructor(time: VirtualTime) {
    this.#time = time;
  }

  /** Lines carry no ids: those are random, and everything else repeats with its seed. */
  note(line: string): void {
    const text = `${this.#time.nowMs} ${line}`;
    this.#hash.update(`${text}\n`);
    this.latest.push(text);
    if (this.latest.length > keptLines) this.latest.shift();
  }

  count(kind: string): void {
    this.faults[kind] = (this.faults[kind] ?? 0) + 1;
  }

  digest(): string {
    return this.#hash.copy().digest("hex");
  }
}

/** Asks the weather about an effect, and notes both. */
export function strike(place: Place, effect: Omit<Effect, "instance">): FaultKind | undefined {
  const { instance, weather, chronicle } = place;
  const fault = weather.strike({ ...effect, instance });
  chronicle.note(`${instance} ${effect.port} ${effect.what}${fault === undefined ? "" : ` ${fault}`}`);
  if (fault === "stalls") place.time.freeze(place.owner, stallMs);
  if (fault !== undefined) chronicle.count(`${effect.port} ${fault}`);
  return fault;
}
