import { endpointOf, lease, leaseMs, nowMs, settlement, tell } from "./suite-samples.ts";
import type { Store } from "./store.ts";
import type { Promised, Runner } from "./suite.ts";

const laterMs = nowMs + 100_000;

/** Sending again: the same event, under the same id, and still in order. */
export function resendPromises(promised: Promised, expect: Runner["expect"]): void {
  const dueIds = async (store: Store, atMs: number) => (await lease(store, atMs)).map(({ delivery }) => delivery.id);
  const deliverAll = async (store: Store, atMs = nowMs + 1_000) => {
    for (let due = await lease(store, atMs); due.length > 0; due = await lease(store, atMs)) {
      for (const each of due) await store.settleDelivery({ ...settlement(each), outcome: "delivered" });
    }
  };

  promised("what was delivered is due again at once, with its attempts counted on", async (store) => {
    await store.addEndpoint(endpointOf("a"));
    await tell(store, "a");
    await deliverAll(store);
    expect(await store.resend("evt_a-2", "whe_a", laterMs)).toBe(true);
    expect(await store.deliveries("evt_a-2")).toMatchObject([
      { id: "evt_a-2:whe_a", status: "pending", attempts: 1, nextAttemptAtMs: laterMs },
    ]);
    expect(await dueIds(store, laterMs - 1)).toEqual([]);
    await deliverAll(store, laterMs);
    expect((await store.attempts("evt_a-2:whe_a")).map((attempt) => attempt.number)).toEqual([1, 2]);
  });

  promised("it goes to all that want the type now, or to the one that is named", async (store) => {
    await tell(store, "a");
    for (const name of ["a", "b"]) await store.addEndpoint(endpointOf(name));
    await store.addEndpoint(endpointOf("picky", { types: ["refund.paid"] }));
    await store.addEndpoint(endpointOf("x", { partner: "bolt" }));
    expect(await store.resend("evt_a-2", undefined, laterMs)).toBe(true);
    const to = async () => (await store.deliveries("evt_a-2")).map((row) => row.endpointId);
    expect(await to()).toEqual(["whe_a", "whe_b"]);
    expect(await store.resend("evt_a-2", "whe_picky", laterMs)).toBe(true);
    expect(await to()).toEqual(["whe_a", "whe_b", "whe_picky"]);
    expect(await store.resend("evt_a-2", "whe_x", laterMs)).toBe(false);
    expect(await store.resend("evt_a-2", "whe_none", laterMs)).toBe(false);
    expect(await store.resend("evt_none", undefined, laterMs)).toBe(false);
    expect((await to()).length).toBe(3);
  });

  promised("one in its backoff is due at once, one under way stays with its sender", async (store) => {
    await store.addEndpoint(endpointOf("a"));
    await tell(store, "a");
    const [due] = await lease(store);
    await store.resend("evt_a-2", undefined, nowMs + 1_001);
    expect(await dueIds(store, nowMs + 1_001)).toEqual([]);
    await store.settleDelivery({ ...settlement(due!, 500), outcome: "retry", nextAttemptAtMs: laterMs });
    await store.resend("evt_a-2", undefined, nowMs + 3_000);
    expect(await dueIds(store, nowMs + 3_000)).toEqual(["evt_a-2:whe_a"]);
  });

  promised("an earlier event sent again goes before the later ones that wait", async (store) => {
    await store.addEndpoint(endpointOf("a"));
    await tell(store, "a", 4);
    const [first] = await lease(store);
    await store.settleDelivery({ ...settlement(first!), outcome: "delivered" });
    await store.resend("evt_a-2", undefined, laterMs);
    for (const version of [2, 3, 4]) {
      const due = await lease(store, laterMs);
      expect(due.map(({ delivery }) => delivery.id)).toEqual([`evt_a-${version}:whe_a`]);
      await store.settleDelivery({ ...settlement(due[0]!), outcome: "delivered" });
    }
    expect(await dueIds(store, laterMs)).toEqual([]);
  });

  promised(
    "an earlier one sent again while a later one is under way waits for its end, even if that never comes",
    async (store) => {
      await store.addEndpoint(endpointOf("a"));
      await tell(store, "a", 3);
      const [first] = await lease(store);
      await store.settleDelivery({ ...settlement(first!), outcome: "delivered" });
      const atMs = nowMs + 5_000;
      expect(await dueIds(store, atMs)).toEqual(["evt_a-3:whe_a"]);
      await store.resend("evt_a-2", undefined, atMs + 1);
      expect(await dueIds(store, atMs + 1)).toEqual([]);
      const died = await lease(store, atMs + leaseMs);
      const next = died.length > 0 ? died : await lease(store, atMs + leaseMs);
      expect(next.map(({ delivery }) => delivery.id)).toEqual(["evt_a-2:whe_a"]);
      await store.settleDelivery({ ...settlement(next[0]!), outcome: "delivered" });
      expect(await dueIds(store, atMs + leaseMs)).toEqual(["evt_a-3:whe_a"]);
    },
  );
}
