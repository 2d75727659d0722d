import CircuitBreaker from "opossum";
import { Fault } from "#capability";
import { outboundLimits } from "../limits.ts";
import type { IsolationLimits } from "../limits.ts";
import type { Layer, VendorResult } from "../types.ts";
import { createSlots } from "./slots.ts";
import type { Slots } from "./slots.ts";

type Breaker = CircuitBreaker<[() => Promise<VendorResult>], VendorResult>;

export type BreakerState = "closed" | "half_open" | "open";

/** Breakers by adapter and operation group; each is a bulkhead too. */
export class Breakers {
  readonly #breakers = new Map<string, { breaker: Breaker; slots: Slots; openedAtMs: number }>();
  readonly #onChange: (adapter: string, group: string, state: BreakerState) => void;
  readonly #limits: IsolationLimits;

  constructor(
    onChange: (adapter: string, group: string, state: BreakerState) => void,
    limits: IsolationLimits = outboundLimits,
  ) {
    this.#onChange = onChange;
    this.#limits = limits;
  }

  /** Runs a vendor call in a place of its group's bulkhead. Faults: `vendor_unavailable`, `not_sent`, when there is none in time. */
  async fire(
    adapter: string,
    group: string,
    run: () => Promise<VendorResult>,
    signal: AbortSignal,
  ): Promise<VendorResult> {
    const entry = this.#of(adapter, group);
    // An open breaker answers at once: nobody stands in line for it.
    const release = entry.breaker.opened ? idle : await entry.slots.take(signal);
    if (release === undefined) throw bulkheadFull();
    try {
      return await entry.breaker.fire(run);
    } catch (error) {
      throw this.#refusal(error, entry.openedAtMs) ?? error;
    } finally {
      release();
    }
  }

  /** What `/readyz` and operators see. */
  states(): { adapter: string; group: string; state: BreakerState }[] {
    return [...this.#breakers].map(([key, { breaker }]) => {
      const [adapter = "", group = ""] = key.split(" ");
      return { adapter, group, state: breaker.opened ? "open" : breaker.halfOpen ? "half_open" : "closed" };
    });
  }

  shutdown(): void {
    for (const { breaker } of this.#breakers.values()) breaker.shutdown();
    this.#breakers.clear();
  }

  #of(adapter: string, group: string): { breaker: Breaker; slots: Slots; openedAtMs: number } {
    const key = `${adapter} ${group}`;
    const known = this.#breakers.get(key);
    if (known !== undefined) return known;
    // opossum's own timeout would abort every call of the breaker at once: deadlines belong to each call.
    const breaker: Breaker = new CircuitBreaker((run: () => Promise<VendorResult>) => run(), {
      timeout: false,
      errorThresholdPercentage: this.#limits.breakerErrorPercentage,
      volumeThreshold: this.#limits.breakerMinimumCalls,
      rollingCountTimeout: this.#limits.breakerWindowMs,
      resetTimeout: this.#limits.breakerResetMs,
      // Nobody reads them, and each failure, and each second, would sort the times of all calls of the window.
      rollingPercentilesEnabled: false,
      enableSnapshots: false,
      errorFilter: (error: unknown) => isNoFailure(error, breaker),
    });
    const slots = createSlots({
      maxInFlight: this.#limits.maxInFlightPerGroup,
      maxWaiting: this.#limits.maxWaitingPerGroup,
      maxWaitMs: this.#limits.maxBulkheadWaitMs,
    });
    const entry = { breaker, slots, openedAtMs: 0 };
    breaker.on("open", () => {
      entry.openedAtMs = performance.now();
      this.#onChange(adapter, group, "open");
    });
    breaker.on("halfOpen", () => this.#onChange(adapter, group, "half_open"));
    breaker.on("close", () => this.#onChange(adapter, group, "closed"));
    this.#breakers.set(key, entry);
    this.#onChange(adapter, group, "closed");
    return entry;
  }

  #refusal(error: unknown, openedAtMs: number): Fault | undefined {
    const code = codeOf(error);
    if (code !== "EOPENBREAKER" && code !== "ESHUTDOWN") return undefined;
    const untilProbeMs = code === "EOPENBREAKER" ? openedAtMs + this.#limits.breakerResetMs - performance.now() : 0;
    return new Fault("vendor_unavailable", {
      outcome: "not_sent",
      detail: code === "EOPENBREAKER" ? "breaker open" : "shutting down",
      retryAfterSeconds: Math.max(1, Math.ceil(untilProbeMs / 1_000)),
    });
  }
}

const idle = (): void => undefined;

function bulkheadFull(): Fault {
  return new Fault("vendor_unavailable", { outcome: "not_sent", detail: "bulkhead full", retryAfterSeconds: 1 });
}

/**
 * What a breaker does not count: a business no. A probe that did not reach the vendor proves nothing,
 * so it does not close the breaker either.
 */
function isNoFailure(error: unknown, breaker: Breaker): boolean {
  const isNo = error instanceof Fault && !error.counts;
  return isNo && (error.outcome !== "not_sent" || !breaker.halfOpen);
}

function codeOf(error: unknown): unknown {
  return (error as { code?: unknown }).code;
}

/** One breaker and bulkhead per adapter and operation group. Open means an answer at once. */
export const isolate =
  (breakers: Breakers): Layer =>
  (next) =>
  (call) =>
    breakers.fire(call.adapter.manifest.name, call.operation.group, () => next(call), call.budget.signal);
