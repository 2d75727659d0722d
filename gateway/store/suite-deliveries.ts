import { endpointOf, lease, leaseMs, nowMs, settlement, tell, tellMore } from "./suite-samples.ts";
import type { DueDelivery } from "./store-webhooks.ts";
import type { Promised, Runner } from "./suite.ts";

const leasers = 50;
const ids = (due: DueDelivery[]) => due.map(({ delivery }) => delivery.id);

/** Each event reaches each endpoint that wants it: at least once, in order per resource, by one sender at a time. */
export function deliveryPromises(promised: Promised, expect: Runner["expect"]): void {
  promised("what is due comes with its event and endpoint, leased", async (store) => {
    await store.addEndpoint(endpointOf("a", { description: "d" }));
    await tell(store, "a");
    expect(await lease(store, nowMs + 99)).toEqual([]);
    const [due] = await lease(store, nowMs + 100);
    expect(due).toEqual({
      delivery: (await store.deliveries("evt_a-2"))[0],
      event: await store.event("evt_a-2"),
      endpoint: await store.endpoint("whe_a"),
      leaseUntilMs: nowMs + 100 + leaseMs,
    });
    expect(await lease(store, nowMs + 100 + leaseMs - 1)).toEqual([]);
    expect(ids(await lease(store, nowMs + 100 + leaseMs))).toEqual(["evt_a-2:whe_a"]);
    await expect(lease(store, nowMs, 0)).rejects.toThrow("limit");
  });

  promised(`of ${leasers} who lease at once each delivery goes to exactly one`, async (store) => {
    await store.addEndpoint(endpointOf("a"));
    await store.addEndpoint(endpointOf("b"));
    for (let at = 0; at < leasers; at += 1) await tell(store, `${at}`);
    const leased = await Promise.all(Array.from({ length: leasers }, () => lease(store, nowMs + 1_000, 3)));
    const all = ids(leased.flat());
    expect(all.length).toBe(2 * leasers);
    expect(new Set(all).size).toBe(2 * leasers);
  });

  promised("oldest first, over all endpoints", async (store) => {
    for (const name of ["z", "a"]) await store.addEndpoint(endpointOf(name, { types: [name] }));
    for (const [at, type] of ["z", "a", "a", "z"].entries()) {
      await tell(store, `${at}`, 1);
      const event = { id: `evt_${at}`, type, data: {} };
      await store.advance({
        id: `pay_${at}`,
        expectedVersion: 1,
        status: "s",
        body: {},
        cause: "c",
        nowMs: nowMs + at,
        event,
      });
    }
    expect(ids(await lease(store, nowMs + 9, 3))).toEqual(["evt_0:whe_z", "evt_1:whe_a", "evt_2:whe_a"]);
    expect(ids(await lease(store, nowMs + 9, 3))).toEqual(["evt_3:whe_z"]);
  });

  promised("of one resource the next is due only when the one before is settled", async (store) => {
    await store.addEndpoint(endpointOf("a"));
    await tell(store, "a", 4);
    for (const version of [2, 3]) {
      const [due, ...others] = await lease(store);
      expect([due?.delivery.id, others]).toEqual([`evt_a-${version}:whe_a`, []]);
      expect(await lease(store)).toEqual([]);
      await store.settleDelivery({
        ...settlement(due!, version === 2 ? 200 : 500),
        outcome: version === 2 ? "delivered" : "given_up",
      });
    }
    const [last] = await lease(store);
    const again = { outcome: "retry" as const, nextAttemptAtMs: nowMs + 60_000 };
    await store.settleDelivery({ ...settlement(last!, 503), ...again });
    await tellMore(store, "a", 5);
    expect(await lease(store, nowMs + 59_999)).toEqual([]);
    expect(ids(await lease(store, nowMs + 60_000))).toEqual(["evt_a-4:whe_a"]);
  });

  promised("one endpoint's silence delays no other, and one resource's no other", async (store) => {
    for (const name of ["a", "b"]) await store.addEndpoint(endpointOf(name));
    await tell(store, "x", 3);
    const stalled = (await lease(store)).find((due) => due.endpoint.id === "whe_a")!;
    await store.settleDelivery({ ...settlement(stalled), outcome: "retry", nextAttemptAtMs: nowMs + 9_999_999 });
    await tell(store, "y");
    expect(ids(await lease(store)).toSorted()).toEqual(["evt_y-2:whe_a", "evt_y-2:whe_b"]);
    const after = ids(await lease(store, nowMs + 1_000 + leaseMs));
    expect(after.toSorted()).toEqual(["evt_x-2:whe_b", "evt_y-2:whe_a", "evt_y-2:whe_b"]);
  });

  promised("each attempt is kept, numbered", async (store) => {
    await store.addEndpoint(endpointOf("a"));
    await tell(store, "a");
    const [first] = await lease(store);
    const { status: _none, ...attempt } = settlement(first!).attempt;
    const failed = { ...settlement(first!), attempt: { ...attempt, error: "timeout" } };
    await store.settleDelivery({ ...failed, outcome: "retry", nextAttemptAtMs: nowMs + 5_000 });
    expect(await store.deliveries("evt_a-2")).toMatchObject([{ attempts: 1, nextAttemptAtMs: nowMs + 5_000 }]);
    const [second] = await lease(store, nowMs + 5_000);
    expect(second?.delivery.attempts).toBe(1);
    await store.settleDelivery({ ...settlement(second!), outcome: "delivered" });
    expect(await store.attempts("evt_a-2:whe_a")).toEqual([
      { deliveryId: "evt_a-2:whe_a", number: 1, atMs: nowMs + 2_000, durationMs: 80, error: "timeout" },
      { deliveryId: "evt_a-2:whe_a", number: 2, atMs: nowMs + 6_000, durationMs: 80, status: 200 },
    ]);
    expect(await store.deliveries("evt_a-2")).toMatchObject([{ attempts: 2, status: "delivered" }]);
    expect(await lease(store, nowMs + 9_999_999)).toEqual([]);
    const noTime = { ...settlement(first!), outcome: "retry" } as never;
    await expect(store.settleDelivery(noTime)).rejects.toMatchObject({ code: "conflict", effect: "none" });
  });

  promised("a sender whose lease ran out takes nothing from the one who has it now", async (store) => {
    await store.addEndpoint(endpointOf("a"));
    await tell(store, "a");
    const [late] = await lease(store);
    const [current] = await lease(store, nowMs + 1_000 + leaseMs);
    await store.settleDelivery({ ...settlement(late!), outcome: "retry", nextAttemptAtMs: nowMs });
    await store.settleDelivery({ ...settlement(late!), outcome: "gone" });
    expect(await store.endpoint("whe_a")).toMatchObject({ status: "active" });
    expect(await lease(store, nowMs + 1_001 + leaseMs)).toEqual([]);
    await store.settleDelivery({ ...settlement(late!), outcome: "delivered" });
    await store.settleDelivery({ ...settlement(current!), outcome: "retry", nextAttemptAtMs: nowMs });
    expect(await store.deliveries("evt_a-2")).toMatchObject([{ status: "delivered", attempts: 4 }]);
    expect(await lease(store, nowMs + 9 * leaseMs)).toEqual([]);
  });

  promised(
    "gone gives up and disables the endpoint; what waits for it is due when it is active again",
    async (store) => {
      await store.addEndpoint(endpointOf("a"));
      await tell(store, "a", 3);
      const [due] = await lease(store);
      await store.settleDelivery({ ...settlement(due!, 410), outcome: "gone" });
      expect(await store.deliveries("evt_a-2")).toMatchObject([{ status: "given_up" }]);
      expect(await store.endpoint("whe_a")).toMatchObject({ status: "disabled", disabledBecause: "gone" });
      expect(await lease(store)).toEqual([]);
      await tellMore(store, "a", 4);
      expect(await store.deliveries("evt_a-4")).toEqual([]);
      await store.changeEndpoint("whe_a", { status: "active" }, nowMs);
      expect(ids(await lease(store))).toEqual(["evt_a-3:whe_a"]);
    },
  );

  promised("a paused endpoint's deliveries wait, an excepted one's are passed over", async (store) => {
    for (const name of ["a", "b"]) await store.addEndpoint(endpointOf(name));
    await store.changeEndpoint("whe_a", { status: "paused" }, nowMs);
    await tell(store, "a");
    expect(await lease(store, nowMs + 1_000, 9, ["whe_b"])).toEqual([]);
    expect(ids(await lease(store))).toEqual(["evt_a-2:whe_b"]);
    await store.changeEndpoint("whe_a", { status: "active" }, nowMs);
    expect(ids(await lease(store))).toEqual(["evt_a-2:whe_a"]);
  });

  promised("the backlog counts what is pending, and tells since when the oldest is due", async (store) => {
    expect(await store.backlog(nowMs)).toEqual({ pending: 0 });
    for (const name of ["a", "b"]) await store.addEndpoint(endpointOf(name));
    await tell(store, "a", 3);
    await tell(store, "b");
    expect(await store.backlog(nowMs)).toEqual({ pending: 6 });
    expect(await store.backlog(nowMs + 500)).toEqual({ pending: 6, oldestDueAtMs: nowMs + 100 });
    for (const due of await lease(store)) await store.settleDelivery({ ...settlement(due), outcome: "delivered" });
    expect(await store.backlog(nowMs + 500)).toEqual({ pending: 2, oldestDueAtMs: nowMs + 100 });
    for (const id of ["whe_a", "whe_b"]) await store.changeEndpoint(id, { status: "paused" }, nowMs);
    expect(await store.backlog(nowMs + 500)).toEqual({ pending: 2 });
  });
}
