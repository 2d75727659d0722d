import {
  callback,
  completion,
  creation,
  endpointOf,
  eventOf,
  lease,
  nowMs,
  settlement,
  tell,
} from "./suite-samples.ts";
import type { Promised, Runner } from "./suite.ts";

/** Endpoints and events: what is told, to whom, and that it is written with what it tells of. */
export function webhookPromises(promised: Promised, expect: Runner["expect"]): void {
  promised("an endpoint reads back as it was given, and by partner in order of creation", async (store) => {
    const secrets = [{ secret: "whsec_AAAA", createdAtMs: nowMs, expiresAtMs: nowMs + 1 }];
    const full = endpointOf("b", { types: ["payment.updated"], description: "王's hook", secrets });
    await store.addEndpoint(full);
    for (const name of ["a", "c"]) await store.addEndpoint(endpointOf(name));
    await store.addEndpoint(endpointOf("x", { partner: "bolt" }));
    expect(await store.endpoint("whe_b")).toEqual({ ...full, status: "active", updatedAtMs: nowMs });
    expect(await store.endpoint("whe_none")).toBeUndefined();
    const ids = async (page: { limit: number; afterId?: string }) =>
      (await store.endpoints("acme", page)).map((row) => row.id);
    expect(await ids({ limit: 2 })).toEqual(["whe_b", "whe_a"]);
    expect(await ids({ limit: 2, afterId: "whe_a" })).toEqual(["whe_c"]);
    await expect(ids({ limit: 2, afterId: "whe_x" })).rejects.toMatchObject({ code: "unknown_cursor" });
    await expect(ids({ limit: 0 })).rejects.toThrow("limit");
    await expect(store.addEndpoint(full)).rejects.toMatchObject({ code: "conflict", effect: "none" });
  });

  promised("an endpoint changes only in what is given", async (store) => {
    await store.addEndpoint(endpointOf("a", { description: "one" }));
    const before = await store.endpoint("whe_a");
    expect(await store.changeEndpoint("whe_a", { url: "https://new.example/" }, nowMs + 1)).toBe(true);
    expect(await store.endpoint("whe_a")).toEqual({ ...before, url: "https://new.example/", updatedAtMs: nowMs + 1 });
    const secrets = [{ secret: "whsec_BBBB", createdAtMs: nowMs }];
    await store.changeEndpoint("whe_a", { types: ["x"], description: "two", secrets }, nowMs + 2);
    expect(await store.endpoint("whe_a")).toMatchObject({ types: ["x"], description: "two", secrets });
    await store.changeEndpoint("whe_a", { status: "disabled", disabledBecause: "given_up" }, nowMs + 3);
    expect(await store.endpoint("whe_a")).toMatchObject({ status: "disabled", disabledBecause: "given_up" });
    await store.changeEndpoint("whe_a", { status: "active" }, nowMs + 4);
    expect((await store.endpoint("whe_a"))?.disabledBecause).toBeUndefined();
    expect(await store.changeEndpoint("whe_none", { status: "active" }, nowMs)).toBe(false);
  });

  promised("an event is written with the movement that it tells of, at its version", async (store) => {
    await store.addEndpoint(endpointOf("a"));
    await store.begin(creation("a"));
    await store.complete(completion("a", { resource: { ...completion("a").resource!, event: eventOf("a", 2) } }));
    const told = { partner: "acme", resourceId: "pay_a", version: 2, createdAtMs: nowMs + 200 };
    expect(await store.event("evt_a-2")).toEqual({ ...eventOf("a", 2), ...told });
    expect(await store.advance({ ...callback("a", 2), event: eventOf("a", 3) })).toBe(true);
    expect(await store.event("evt_a-3")).toMatchObject({ version: 3, createdAtMs: nowMs + 100 });
    expect(await store.deliveries("evt_a-3")).toMatchObject([
      { id: "evt_a-3:whe_a", eventId: "evt_a-3", endpointId: "whe_a", partner: "acme", status: "pending", attempts: 0 },
    ]);
  });

  promised("a movement that is not made tells nothing", async (store) => {
    await store.addEndpoint(endpointOf("a"));
    await store.begin(creation("a"));
    const moved = await Promise.all(
      Array.from({ length: 20 }, (_, at) =>
        store.advance({ ...callback("a", 1), event: eventOf("a", 2, { id: `evt_${at}` }) }),
      ),
    );
    await store.complete(completion("a", { resource: { ...completion("a").resource!, event: eventOf("a", 9) } }));
    const told = await store.events("acme", {}, { limit: 100 });
    expect(told.map((row) => row.id)).toEqual([`evt_${moved.indexOf(true)}`]);
    expect(await store.event("evt_a-9")).toBeUndefined();
    expect((await lease(store)).length).toBe(1);
  });

  promised("an event that cannot be written leaves the movement unmade", async (store) => {
    await tell(store, "a");
    await store.begin(creation("b"));
    const taken = { ...callback("b", 1), event: eventOf("b", 2, { id: "evt_a-2" }) };
    await expect(store.advance(taken)).rejects.toMatchObject({ code: "conflict", effect: "none" });
    expect(await store.resource("pay_b")).toMatchObject({ version: 1, status: "pending" });
    const noJson = { ...callback("b", 1), event: eventOf("b", 2, { data: undefined }) };
    await expect(store.advance(noJson)).rejects.toMatchObject({ code: "conflict" });
  });

  promised("an event goes to each active or paused endpoint of its partner that wants its type", async (store) => {
    await store.addEndpoint(endpointOf("all"));
    await store.addEndpoint(endpointOf("this", { types: ["refund.paid", "payment.updated"] }));
    await store.addEndpoint(endpointOf("other", { types: ["payment.updated.more", "payment"] }));
    await store.addEndpoint(endpointOf("bolts", { partner: "bolt" }));
    await store.addEndpoint(endpointOf("paused"));
    await store.addEndpoint(endpointOf("disabled"));
    await store.changeEndpoint("whe_paused", { status: "paused" }, nowMs);
    await store.changeEndpoint("whe_disabled", { status: "disabled", disabledBecause: "gone" }, nowMs);
    await tell(store, "a");
    await store.addEndpoint(endpointOf("later"));
    const to = (await store.deliveries("evt_a-2")).map((row) => row.endpointId).toSorted();
    expect(to).toEqual(["whe_all", "whe_paused", "whe_this"]);
  });

  promised("events are listed in order of commit, by type and by resource", async (store) => {
    await tell(store, "b", 3);
    await store.begin(creation("a"));
    await store.advance({ ...callback("a", 1), event: eventOf("a", 2, { type: "payment.paid" }) });
    await store.begin(creation("x", { partner: "bolt", resource: { ...creation("x").resource!, partner: "bolt" } }));
    await store.advance({ ...callback("x", 1), event: eventOf("x", 2) });
    const ids = async (filter: { type?: string; resourceId?: string }, page: { limit: number; afterId?: string }) =>
      (await store.events("acme", filter, page)).map((row) => row.id);
    expect(await ids({}, { limit: 2 })).toEqual(["evt_b-2", "evt_b-3"]);
    expect(await ids({}, { limit: 2, afterId: "evt_b-3" })).toEqual(["evt_a-2"]);
    expect(await ids({ type: "payment.paid" }, { limit: 9 })).toEqual(["evt_a-2"]);
    expect(await ids({ resourceId: "pay_b" }, { limit: 9 })).toEqual(["evt_b-2", "evt_b-3"]);
    expect(await ids({ resourceId: "pay_b", type: "payment.paid" }, { limit: 9 })).toEqual([]);
    expect(await ids({ resourceId: "pay_x" }, { limit: 9 })).toEqual([]);
    await expect(ids({}, { limit: 2, afterId: "evt_x-2" })).rejects.toMatchObject({ code: "unknown_cursor" });
  });

  promised("removing an endpoint takes what is pending along, and leaves what was delivered", async (store) => {
    await store.addEndpoint(endpointOf("a"));
    await store.addEndpoint(endpointOf("b"));
    await tell(store, "a", 3);
    const first = (await lease(store)).find((due) => due.endpoint.id === "whe_a")!;
    await store.settleDelivery({ ...settlement(first), outcome: "delivered" });
    const underWay = (await lease(store, nowMs + 2_000)).find((due) => due.endpoint.id === "whe_a")!;
    expect(await store.removeEndpoint("whe_a")).toBe(true);
    await store.settleDelivery({ ...settlement(underWay), outcome: "delivered" });
    expect(await store.endpoint("whe_a")).toBeUndefined();
    expect(await store.deliveries("evt_a-2")).toMatchObject([{ status: "delivered" }, { endpointId: "whe_b" }]);
    expect(await store.deliveries("evt_a-3")).toMatchObject([{ endpointId: "whe_b", status: "pending" }]);
    expect(await store.attempts("evt_a-3:whe_a")).toEqual([]);
    expect(await store.removeEndpoint("whe_a")).toBe(false);
  });
}
