import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Fault } from "#capability";
import { outboundLimits as limits } from "../limits.ts";
import type { VendorResult } from "../types.ts";
import { Breakers } from "./isolate.ts";

const well: VendorResult = { raw: { status: 200, headers: {}, bytes: Buffer.alloc(0) }, body: undefined };
const dead = new Fault("vendor_unavailable", { outcome: "not_sent", counts: true });
const unreached = new Fault("vendor_unavailable", { outcome: "not_sent" });
const no = new Fault("insufficient_funds", { outcome: "rejected" });

let breakers: Breakers;
let changes: string[];

const state = (): string | undefined => breakers.states().find(({ group }) => group === "g")?.state;
const call = (work: () => Promise<VendorResult>): Promise<VendorResult> =>
  breakers.fire("a", "g", work, new AbortController().signal);
const fails = (fault: Fault) => (): Promise<VendorResult> => Promise.reject(fault);

async function open(): Promise<void> {
  for (let nth = 1; nth <= limits.breakerMinimumCalls; nth += 1) await expect(call(fails(dead))).rejects.toBe(dead);
  expect(state()).toBe("open");
}

beforeEach(() => {
  vi.useFakeTimers();
  changes = [];
  breakers = new Breakers((_adapter, group, to) => changes.push(`${group} ${to}`));
});
afterEach(() => {
  breakers.shutdown();
  vi.useRealTimers();
});

describe("a breaker that is half open", () => {
  beforeEach(async () => {
    await open();
    vi.advanceTimersByTime(limits.breakerResetMs);
    expect(state()).toBe("half_open");
  });

  it("closes when the vendor answers, be it with a no", async () => {
    await expect(call(fails(no))).rejects.toBe(no);
    expect(state()).toBe("closed");
    expect(changes).toEqual(["g closed", "g open", "g half_open", "g closed"]);
  });

  it.each([
    ["the vendor is still dead", dead],
    ["the call did not get as far as the vendor", unreached],
  ])("opens again when %s", async (_what, fault) => {
    await expect(call(fails(fault))).rejects.toBe(fault);
    expect(state()).toBe("open");
  });

  it("lets one call through at a time", async () => {
    const probe = Promise.withResolvers<VendorResult>();
    const first = call(() => probe.promise);
    await expect(call(() => Promise.resolve(well))).rejects.toMatchObject({
      outcome: "not_sent",
      message: "breaker open",
    });
    probe.resolve(well);
    expect(await first).toBe(well);
    expect(state()).toBe("closed");
  });
});

describe("a full bulkhead", () => {
  it("refuses as not sent, for a moment, and counts for nothing", async () => {
    const held = Promise.withResolvers<VendorResult>();
    const holding = Array.from({ length: limits.maxInFlightPerGroup }, () => call(() => held.promise));
    const beyond = Array.from({ length: limits.maxWaitingPerGroup + 20 }, () =>
      expect(call(() => Promise.resolve(well))).rejects.toMatchObject({
        code: "vendor_unavailable",
        outcome: "not_sent",
        counts: false,
        retryAfterSeconds: 1,
      }),
    );
    await Promise.all(beyond.slice(limits.maxWaitingPerGroup));
    await vi.advanceTimersByTimeAsync(limits.maxBulkheadWaitMs);
    await Promise.all(beyond);
    expect(state()).toBe("closed");
    held.resolve(well);
    await Promise.all(holding);
    expect(await call(() => Promise.resolve(well))).toBe(well);
  });
});
