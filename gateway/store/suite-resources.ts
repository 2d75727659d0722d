import { callback, call, completion, creation, nowMs, payment } from "./suite-samples.ts";
import type { Promised, Runner } from "./suite.ts";

/** A resource moves forward only, keeps its history, and is found by every name that it has. */
export function resourcePromises(promised: Promised, expect: Runner["expect"]): void {
  promised("an intent reads back as it was given, at version 1", async (store) => {
    await store.begin(creation("a"));
    const stands = { ...payment("a"), version: 1, state: undefined, updatedAtMs: nowMs, cause: "created" };
    expect(await store.resource("pay_a")).toEqual(stands);
    expect(await store.resourceByReference("ref-a")).toEqual(stands);
    expect(await store.resource("pay_b")).toBeUndefined();
    expect(await store.resourceByReference("ref-b")).toBeUndefined();
    expect(await store.resourceByHandle("bank", "handle-a")).toBeUndefined();
  });

  promised("an intent goes to another adapter only while nothing has happened to it", async (store) => {
    await store.begin(creation("a"));
    expect(await store.reroute("pay_a", "bureau")).toBe(true);
    expect(await store.resource("pay_a")).toMatchObject({ adapter: "bureau", version: 1 });
    await store.complete(completion("a"));
    expect(await store.reroute("pay_a", "bank")).toBe(false);
    expect(await store.resourceByHandle("bureau", "handle-a")).toMatchObject({ id: "pay_a", adapter: "bureau" });
    expect(await store.reroute("pay_b", "bank")).toBe(false);
  });

  promised("a completed one is found by its handle, at its adapter only", async (store) => {
    await store.begin(creation("a"));
    await store.complete(completion("a"));
    const found = await store.resourceByHandle("bank", "handle-a");
    expect(found).toMatchObject({ id: "pay_a", version: 2, status: "succeeded", state: { vendorNo: "v-a" } });
    expect(found).toMatchObject({
      body: { paid: true },
      reference: "ref-a",
      cause: "answer",
      updatedAtMs: nowMs + 200,
    });
    expect(await store.resourceByHandle("bureau", "handle-a")).toBeUndefined();
  });

  promised("a callback before our own answer stays; the answer adds state and handles only", async (store) => {
    await store.begin(creation("a"));
    expect(await store.advance(callback("a", 1))).toBe(true);
    await store.complete(completion("a"));
    const stands = { version: 2, status: "settled", body: { told: "settled" }, cause: "callback" };
    expect(await store.resource("pay_a")).toMatchObject({ ...stands, state: { vendorNo: "v-a" } });
    expect(await store.resourceByHandle("bank", "handle-a")).toMatchObject(stands);
    expect(await store.begin(creation("a"))).toMatchObject({ kind: "replay", status: 201 });
    expect((await store.transitions("pay_a")).map((step) => step.to)).toEqual(["pending", "settled"]);
  });

  promised("state that a callback brought is not replaced by the late answer's", async (store) => {
    await store.begin(creation("a"));
    await store.advance({ ...callback("a", 1), state: { vendorNo: "v-2" } });
    await store.complete(completion("a"));
    expect(await store.resource("pay_a")).toMatchObject({ state: { vendorNo: "v-2" } });
  });

  promised("completing again changes nothing", async (store) => {
    await store.begin(creation("a"));
    await store.complete(completion("a"));
    const once = await store.resource("pay_a");
    await store.complete(completion("a", { nowMs: nowMs + 900 }));
    expect(await store.resource("pay_a")).toEqual(once);
    expect((await store.transitions("pay_a")).length).toBe(2);
  });

  promised("of many who advance from one version exactly one does", async (store) => {
    await store.begin(creation("a"));
    const moved = await Promise.all(Array.from({ length: 100 }, () => store.advance(callback("a", 1))));
    expect(moved.filter(Boolean).length).toBe(1);
    expect((await store.resource("pay_a"))?.version).toBe(2);
  });

  promised("no version but the stored one can be advanced from", async (store) => {
    await store.begin(creation("a"));
    await store.advance(callback("a", 1));
    for (const version of [0, 1, 3]) expect(await store.advance(callback("a", version, "pending"))).toBe(false);
    expect(await store.advance(callback("b", 1))).toBe(false);
    expect(await store.resource("pay_a")).toMatchObject({ version: 2, status: "settled" });
  });

  promised("advancing without state keeps it, and adds handles to those there are", async (store) => {
    await store.begin(creation("a"));
    await store.complete(completion("a"));
    await store.advance({ ...callback("a", 2), handles: ["handle-a", "refund-a"] });
    expect(await store.resource("pay_a")).toMatchObject({ version: 3, state: { vendorNo: "v-a" } });
    expect(await store.resourceByHandle("bank", "handle-a")).toMatchObject({ id: "pay_a" });
    expect(await store.resourceByHandle("bank", "refund-a")).toMatchObject({ id: "pay_a" });
  });

  promised("each transition is kept with its cause", async (store) => {
    await store.begin(creation("a"));
    await store.complete(completion("a"));
    await store.advance(callback("a", 2));
    expect(await store.transitions("pay_a")).toEqual([
      { resourceId: "pay_a", version: 1, to: "pending", cause: "created", atMs: nowMs },
      { resourceId: "pay_a", version: 2, from: "pending", to: "succeeded", cause: "answer", atMs: nowMs + 200 },
      { resourceId: "pay_a", version: 3, from: "succeeded", to: "settled", cause: "callback", atMs: nowMs + 100 },
    ]);
    expect(await store.transitions("pay_b")).toEqual([]);
  });

  promised("a handle of another resource is a conflict; another adapter's is not", async (store) => {
    const elsewhere = { ...completion("c").resource!, handles: ["handle-a"] };
    await store.begin(creation("a"));
    await store.begin(creation("b"));
    await store.begin(creation("c", { resource: payment("c", { adapter: "bureau" }) }));
    await store.complete(completion("a"));
    const taken = completion("b", { resource: { ...completion("b").resource!, handles: ["handle-a"] } });
    await expect(store.complete(taken)).rejects.toMatchObject({ code: "conflict", effect: "none" });
    expect(await store.resource("pay_b")).toMatchObject({ version: 1, status: "pending" });
    expect(await store.begin(creation("b"))).toMatchObject({ kind: "in_flight" });
    await store.complete(completion("c", { resource: elsewhere }));
    expect(await store.resourceByHandle("bureau", "handle-a")).toMatchObject({ id: "pay_c" });
  });

  promised("an id or a reference that is there already is a conflict", async (store) => {
    await store.begin(creation("a"));
    const conflict = { code: "conflict", effect: "none" };
    const sameId = payment("b", { id: "pay_a" });
    const sameReference = payment("b", { reference: "ref-a" });
    await expect(store.begin(call("b", { resource: sameId }))).rejects.toMatchObject(conflict);
    await expect(store.begin(call("b", { resource: sameReference }))).rejects.toMatchObject(conflict);
    expect(await store.begin(call("b"))).toEqual({ kind: "claimed" });
  });

  promised("completing a resource that is not there is a conflict, and stores no answer", async (store) => {
    await store.begin(call("a"));
    await expect(store.complete(completion("a"))).rejects.toMatchObject({ code: "conflict", effect: "none" });
    expect(await store.begin(call("a"))).toMatchObject({ kind: "in_flight" });
  });

  promised("an effect without a key completes its resource", async (store) => {
    await store.begin(creation("a"));
    const { key: _none, ...keyless } = completion("a");
    await store.complete(keyless);
    expect(await store.resource("pay_a")).toMatchObject({ version: 2, status: "succeeded" });
    expect(await store.begin(creation("a"))).toMatchObject({ kind: "in_flight" });
  });

  promised("a body may be any JSON value, and nothing else", async (store) => {
    const values = [null, 0, "", false, [], "12.340000000000000000001", { 名: "王\u0000\u2028" }];
    for (const [at, body] of values.entries()) {
      await store.begin(call(`${at}`, { resource: payment(`${at}`, { body }) }));
      expect((await store.resource(`pay_${at}`))?.body).toEqual(body);
    }
    const none = call("none", { resource: payment("none", { body: undefined }) });
    await expect(store.begin(none)).rejects.toMatchObject({ code: "conflict", effect: "none" });
  });

  promised("a list pages in order of creation, one partner and kind at a time", async (store) => {
    const names = ["e", "b", "d", "a", "c"];
    for (const name of names) await store.begin(creation(name));
    await store.begin(call("x", { resource: payment("x", { kind: "payouts" }) }));
    await store.begin(call("y", { partner: "bolt", resource: payment("y", { partner: "bolt" }) }));
    await store.advance(callback("e", 1));
    const ids = async (page: { limit: number; afterId?: string }) =>
      (await store.resources("acme", "payments", page)).map((row) => row.id);
    expect(await ids({ limit: 2 })).toEqual(["pay_e", "pay_b"]);
    expect(await ids({ limit: 2, afterId: "pay_b" })).toEqual(["pay_d", "pay_a"]);
    expect(await ids({ limit: 2, afterId: "pay_a" })).toEqual(["pay_c"]);
    expect(await ids({ limit: 2, afterId: "pay_c" })).toEqual([]);
    expect((await store.resources("bolt", "payments", { limit: 9 })).map((row) => row.id)).toEqual(["pay_y"]);
    for (const afterId of ["pay_none", "pay_x", "pay_y"]) {
      await expect(ids({ limit: 2, afterId })).rejects.toMatchObject({ code: "unknown_cursor" });
    }
    for (const limit of [0, -1, 1.5, 100_000, Number.NaN]) await expect(ids({ limit })).rejects.toThrow("limit");
  });
}
