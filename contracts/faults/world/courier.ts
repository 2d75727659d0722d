import type { CallbackRequest } from "#capability";
import { callbackSignature } from "./adapter.ts";
import type { Chance } from "./chance.ts";
import type { Fleet } from "./fleet.ts";
import { callbackSecret } from "./road.ts";
import type { LedgerEntry } from "./ledger.ts";
import { yuanOf } from "./money.ts";
import type { World } from "./place.ts";

/** How the vendors' callbacks travel. */
export interface CourierHabits {
  lost: number;
  twice: number;
  /** A callback may take so long, so that one overtakes another. */
  maxDelayMs: number;
}

export const reliable: CourierHabits = { lost: 0, twice: 0, maxDelayMs: 50 };

const repeatAfterMs = [2, 10, 30, 60, 60, 120, 120].map((seconds) => seconds * 1_000);
const patienceMs = 10_000;

/** Carries callbacks to any gateway that lives, and repeats them until one is acknowledged, as vendors do. */
export class Courier {
  readonly #world: World;
  readonly #fleet: () => Fleet;
  readonly #chance: Chance;
  habits: CourierHabits;

  constructor(world: World, fleet: () => Fleet, chance: Chance, habits: CourierHabits) {
    this.#world = world;
    this.#fleet = fleet;
    this.#chance = chance;
    this.habits = habits;
  }

  /** Tells the gateway how an entry stands at this moment. */
  tell(entry: LedgerEntry): void {
    if (this.#chance.happens(this.habits.lost)) {
      this.#world.chronicle.count("callback lost");
      return;
    }
    const body = bodyOf(entry);
    const copies = this.#chance.happens(this.habits.twice) ? 2 : 1;
    if (copies === 2) this.#world.chronicle.count("callback twice");
    for (let copy = 0; copy < copies; copy += 1) {
      const delayMs = this.#chance.between(1, this.habits.maxDelayMs);
      this.#world.time.after(delayMs, undefined, () => this.#carry(entry.vendor, body, sign(body), 0));
    }
  }

  /** What somebody else than the vendor sends, or the vendor in error; not repeated. */
  forge(entry: LedgerEntry, change: { state?: string; amount?: string; no?: string }, signed: boolean): void {
    const body = Buffer.from(JSON.stringify({ ...(JSON.parse(bodyOf(entry).toString()) as object), ...change }));
    const signature = signed ? sign(body) : callbackSignature(body, "a guess");
    this.#world.chronicle.count(signed ? "callback wrong" : "callback forged");
    this.#carry(entry.vendor, body, signature, repeatAfterMs.length);
  }

  #carry(vendor: string, body: Buffer, signature: string, tries: number): void {
    const { time, chronicle } = this.#world;
    const delayMs = repeatAfterMs[tries];
    const again =
      delayMs === undefined
        ? { cancel() {} }
        : time.after(delayMs + patienceMs, undefined, () => this.#carry(vendor, body, signature, tries + 1));
    const gateway = this.#fleet().any();
    if (gateway === undefined) return;
    const request: CallbackRequest = {
      method: "POST",
      target: "",
      query: new URLSearchParams(),
      headers: { "content-type": "application/json", "x-vendor-signature": signature },
      body,
    };
    const carried = async (): Promise<void> => {
      const { acknowledgement, result } = await gateway.callback(vendor, request);
      chronicle.note(`callback of ${vendor}: ${acknowledgement.status} ${result}`);
      if (gateway.alive() && acknowledgement.status === 200) again.cancel();
    };
    carried().catch((error: unknown) => chronicle.note(`callback of ${vendor}: ${(error as Error).name}`));
  }
}

function bodyOf({ kind, no, amountFen, state, atMs }: LedgerEntry): Buffer {
  return Buffer.from(JSON.stringify({ kind, no, amount: yuanOf(amountFen), state, at: atMs }));
}

function sign(body: Buffer): string {
  return callbackSignature(body, callbackSecret);
}
