import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { deliver, hang, ids, ok, openSink, openStore, register, tell, until, hasty } from "./outbox.fixture.ts";

describe("a host that is down harms nobody else", () => {
  it("10,000 queued to hosts that hang, while another's stay prompt", async () => {
    const store = await openStore();
    const dead = await openSink(hang);
    const well = await openSink(ok);
    await register(store, "well", `${well.origin}/`, { types: ["instalment.closed"] });
    for (let n = 0; n < 4; n += 1) await register(store, `dead${n}`, `${dead.origin}/${n}`);
    // Four endpoints at one host, 2,500 resources each with something to tell.
    for (let done = 0; done < 2_500; done += 250) {
      await Promise.all(Array.from({ length: 250 }, (_, n) => tell(store, `r${done + n}`)));
    }
    expect((await store.backlog(Date.now())).pending).toBe(10_000);
    const { relay, reports } = deliver(store, { retryDelaysMs: [60_000], attemptDeadlineMs: 300, slowAfterMs: 200 });
    await until("the dead host is being tried", () => dead.arrived.length > 0);
    const latenciesMs: number[] = [];
    for (let n = 0; n < 40; n += 1) {
      // The dead endpoints want it too.
      await tell(store, `well${n}`, 1, "instalment.closed");
      const startedMs = performance.now();
      relay.nudge();
      await until("delivered", () => well.arrived.length === n + 1, 2_000);
      latenciesMs.push(performance.now() - startedMs);
      await sleep(20);
    }
    const sorted = latenciesMs.toSorted((a, b) => a - b);
    expect(sorted[Math.floor(sorted.length * 0.9)]).toBeLessThan(250);
    // One at a time to a host that hangs: it costs a connection, not the process.
    const tried = reports.filter(({ endpointId }) => endpointId.startsWith("whe_dead"));
    expect(tried.length).toBeGreaterThan(1);
    expect(tried.length).toBeLessThan(40);
    expect(tried.every(({ error }) => error === "timeout")).toBe(true);
  });

  it("many dead hosts keep their share: one that answers is served among them", async () => {
    const store = await openStore();
    const dead = await Promise.all(Array.from({ length: 12 }, () => openSink(hang)));
    const well = await openSink(ok);
    for (const [n, sink] of dead.entries()) await register(store, `dead${n}`, sink.origin);
    await Promise.all(Array.from({ length: 30 }, (_, n) => tell(store, `r${n}`)));
    const limits = {
      ...hasty,
      attemptDeadlineMs: 400,
      slowAfterMs: 200,
      maxInFlight: 8,
      maxInFlightNew: 2,
      maxInFlightSlow: 2,
    };
    const { relay } = deliver(store, limits);
    await register(store, "well", well.origin);
    await tell(store, "first");
    relay.nudge();
    await until("the first, behind hosts nobody knows yet", () => well.arrived.length === 1, 4_000);
    for (let n = 0; n < 10; n += 1) {
      await tell(store, `later${n}`);
      const startedMs = performance.now();
      relay.nudge();
      await until("served", () => ids(well.arrived).includes(`evt_later${n}-2`), 1_000);
      expect(performance.now() - startedMs).toBeLessThan(390);
    }
  });
});
