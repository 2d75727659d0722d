import { maxPruneSliceRows } from "./limits.ts";
import { beginAsked, leaseResources } from "./suite-recovery.ts";
import {
  answer,
  call,
  callback,
  claimMs,
  completion,
  creation,
  endpointOf,
  lease,
  leaseMs,
  nowMs,
  settlement,
  tell,
} from "./suite-samples.ts";
import type { Promised, Runner } from "./suite.ts";

const dayMs = 86_400_000;
const retention = { eventsMs: 30 * dayMs, resourcesMs: 400 * dayMs, finalStatuses: { payments: ["settled"] } };

/** What is done with goes when its time is over; what lives stays however old it is. */
export function retentionPromises(promised: Promised, expect: Runner["expect"]): void {
  promised("without retention nothing but nonces and claims expires", async (store) => {
    await store.addEndpoint(endpointOf("a"));
    await tell(store, "a");
    await store.quarantine({ id: "q", adapter: "bank", why: "x", digest: "d", request: 1, firstAtMs: nowMs });
    const gone = { nonces: 0, claims: 1, events: 0, resources: 0, quarantined: 0 };
    expect(await store.prune(nowMs + 9_999 * dayMs)).toEqual(gone);
    expect(await store.prune(nowMs + 9_999 * dayMs, { resourcesMs: 1 })).toEqual({ ...gone, claims: 0 });
  });

  promised("an event goes with its deliveries and attempts, never while one is pending", async (store) => {
    await store.addEndpoint(endpointOf("a"));
    await store.addEndpoint(endpointOf("b"));
    for (const name of ["x", "y"]) await tell(store, name);
    for (const due of await lease(store)) {
      const pending = due.delivery.id === "evt_x-2:whe_b";
      const retry = { outcome: "retry" as const, nextAttemptAtMs: nowMs + 90 * dayMs };
      await store.settleDelivery({ ...settlement(due), ...(pending ? retry : { outcome: "delivered" }) });
    }
    const overMs = nowMs + 100 + 30 * dayMs;
    expect(await store.prune(overMs - 1, retention)).toMatchObject({ events: 0 });
    expect(await store.prune(overMs, retention)).toMatchObject({ events: 1 });
    expect(await store.event("evt_y-2")).toBeUndefined();
    expect(await store.deliveries("evt_y-2")).toEqual([]);
    expect(await store.attempts("evt_y-2:whe_a")).toEqual([]);
    expect((await store.deliveries("evt_x-2")).length).toBe(2);
    const [last] = await lease(store, nowMs + 90 * dayMs);
    await store.settleDelivery({ ...settlement(last!), outcome: "given_up" });
    expect(await store.prune(nowMs + 91 * dayMs, retention)).toMatchObject({ events: 1 });
  });

  promised("events go slice by slice, past those that stay", async (store) => {
    const many = maxPruneSliceRows + 3;
    await store.addEndpoint(endpointOf("a", { types: ["kept"] }));
    await Promise.all(Array.from({ length: many }, (_, at) => store.begin(creation(`${at}`))));
    const told = Array.from({ length: many }, (_, at) => {
      const event = { id: `evt_${at}`, type: at === 0 || at === many - 1 ? "kept" : "other", data: 1 };
      return store.advance({ ...callback(`${at}`, 1), event });
    });
    await Promise.all(told);
    expect(await store.prune(nowMs + 31 * dayMs, retention)).toMatchObject({ events: many - 2 });
    expect((await lease(store)).length).toBe(2);
  });

  promised("a resource goes with its history when it is final for long, and no other", async (store) => {
    for (const name of ["old", "open", "young"]) await store.begin(creation(name));
    await store.advance({ ...callback("old", 1), handles: ["handle-old"] });
    await store.advance({ ...callback("young", 1), nowMs: nowMs + 101 });
    await store.begin(creation("kind", { resource: { ...creation("kind").resource!, kind: "consents" } }));
    await store.advance(callback("kind", 1));
    const overMs = nowMs + 100 + 400 * dayMs;
    expect(await store.prune(overMs, retention)).toMatchObject({ resources: 1 });
    expect(await store.resource("pay_old")).toBeUndefined();
    expect(await store.resourceByHandle("bank", "handle-old")).toBeUndefined();
    expect(await store.resourceByReference("ref-old")).toBeUndefined();
    expect(await store.transitions("pay_old")).toEqual([]);
    for (const name of ["open", "young", "kind"]) expect((await store.resource(`pay_${name}`))?.id).toBe(`pay_${name}`);
    expect(await store.prune(overMs + 1, retention)).toMatchObject({ resources: 1 });
    const again = creation("again", { resource: { ...creation("again").resource!, id: "pay_old" } });
    expect(await store.begin(again)).toEqual({ kind: "claimed" });
  });

  promised("a resource stays while it is asked about, stuck, acted on, or its claim lives", async (store) => {
    const longMs = nowMs + 999 * dayMs;
    await store.begin(creation("claimed", { claimExpiresAtMs: longMs + 1 }));
    for (const name of ["asked", "stuck", "acted"]) await beginAsked(store, name, nowMs);
    for (const { resource } of await leaseResources(store, nowMs)) {
      if (resource.id === "pay_stuck") {
        await store.advance({ ...callback("stuck", 1), askAtMs: nowMs });
        await store.asked({ id: "pay_stuck", nowMs, askAtMs: undefined, stuck: true });
      } else await store.advance({ ...callback(resource.id.slice(4), 1), askAtMs: nowMs + leaseMs });
    }
    await store.complete({ ...completion("x", { answer }), resource: { ...callback("claimed", 1) } });
    const act = { operationId: "payments.cancel", touch: { id: "pay_acted", askAtMs: nowMs + leaseMs } };
    await store.begin(call("act", act));
    await store.complete({
      partner: "acme",
      operationId: "payments.create",
      nowMs,
      settled: { id: "pay_acted", askAtMs: undefined },
    });
    expect(await store.prune(longMs, retention)).toMatchObject({ resources: 0, claims: 4 });
    for (const name of ["claimed", "asked", "stuck", "acted"]) {
      expect(await store.resource(`pay_${name}`)).toMatchObject({ status: "settled" });
    }
    expect(await store.prune(longMs + 1, retention)).toMatchObject({ resources: 1, claims: 1 });
    expect(await store.resource("pay_claimed")).toBeUndefined();
  });

  promised("a quarantined callback goes when it has not come for long", async (store) => {
    const row = { id: "q", adapter: "bank", why: "x", digest: "d", request: 1, firstAtMs: nowMs };
    await store.quarantine(row);
    await store.quarantine({ ...row, firstAtMs: nowMs + claimMs });
    const quarantineMs = 30 * dayMs;
    expect(await store.prune(nowMs + claimMs + quarantineMs - 1, { quarantineMs })).toMatchObject({ quarantined: 0 });
    expect(await store.prune(nowMs + claimMs + quarantineMs, { quarantineMs })).toMatchObject({ quarantined: 1 });
    expect(await store.quarantined({ limit: 9 })).toEqual([]);
  });
}
