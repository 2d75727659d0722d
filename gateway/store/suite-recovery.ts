import { callback, completion, creation, leaseMs, nowMs, payment } from "./suite-samples.ts";
import type { Store } from "./store.ts";
import type { DueResource } from "./store-recovery.ts";
import type { Promised, Runner } from "./suite.ts";

const leasers = 50;
const askAtMs = nowMs + 10_000;

/** What is due to be asked about at a time, leased for leaseMs. */
export function leaseResources(store: Store, atMs: number, limit = 100): Promise<DueResource[]> {
  return store.dueResources({ nowMs: atMs, leaseUntilMs: atMs + leaseMs, limit });
}

/** Payment `name`, begun, to be asked about at a time. */
export function beginAsked(store: Store, name: string, atMs = askAtMs) {
  return store.begin(creation(name, { resource: payment(name, { askAtMs: atMs }) }));
}

/** Every outcome becomes known: who is to be asked, by whom, when, and what an operator must see. */
export function recoveryPromises(promised: Promised, expect: Runner["expect"]): void {
  const ids = (due: DueResource[]) => due.map(({ resource }) => resource.id);

  promised("an intent left open is due at its time, whole, and leased", async (store) => {
    await beginAsked(store, "a");
    await store.begin(creation("unasked"));
    expect(await leaseResources(store, askAtMs - 1)).toEqual([]);
    expect(await leaseResources(store, askAtMs)).toEqual([
      { resource: await store.resource("pay_a"), asks: 0, leaseUntilMs: askAtMs + leaseMs },
    ]);
    expect(await leaseResources(store, askAtMs + leaseMs - 1)).toEqual([]);
    expect(ids(await leaseResources(store, askAtMs + leaseMs))).toEqual(["pay_a"]);
  });

  promised(`of ${leasers} who lease at once each resource goes to exactly one`, async (store) => {
    for (let at = 0; at < leasers; at += 1) await beginAsked(store, `${at}`);
    const leased = await Promise.all(Array.from({ length: leasers }, () => leaseResources(store, askAtMs, 3)));
    const all = ids(leased.flat());
    expect(all.length).toBe(leasers);
    expect(new Set(all).size).toBe(leasers);
  });

  promised("oldest first, as many as asked for", async (store) => {
    for (const [at, name] of ["c", "a", "b"].entries()) await beginAsked(store, name, askAtMs + at);
    expect(ids(await leaseResources(store, askAtMs + 9, 2))).toEqual(["pay_c", "pay_a"]);
    expect(ids(await leaseResources(store, askAtMs + 9, 2))).toEqual(["pay_b"]);
    await expect(leaseResources(store, askAtMs, 201)).rejects.toThrow("limit");
  });

  promised("a movement says when to ask next, or that there is nothing more to ask", async (store) => {
    for (const name of ["a", "b", "c"]) await beginAsked(store, name);
    await store.complete(completion("a", { resource: { ...completion("a").resource!, askAtMs: askAtMs + 500 } }));
    await store.complete(completion("b"));
    await store.advance({ ...callback("c", 1), askAtMs: askAtMs + 600 });
    await store.complete(completion("c"));
    expect(ids(await leaseResources(store, askAtMs + 499))).toEqual([]);
    expect(ids(await leaseResources(store, askAtMs + 9_999))).toEqual(["pay_a", "pay_c"]);
  });

  promised("an ask without an end is counted, and sets the next; a movement starts the count anew", async (store) => {
    await beginAsked(store, "a");
    for (const asks of [0, 1, 2]) {
      const [due] = await leaseResources(store, askAtMs);
      expect(due?.asks).toBe(asks);
      const { id } = due!.resource;
      expect(await store.asked({ id, leaseUntilMs: due!.leaseUntilMs, nowMs, askAtMs, stuck: false })).toBe(true);
    }
    await store.advance({ ...callback("a", 1), askAtMs });
    expect(await leaseResources(store, askAtMs)).toMatchObject([{ asks: 0, resource: { version: 2 } }]);
  });

  promised("an ask that ends after a movement, or after its lease, changes nothing", async (store) => {
    await beginAsked(store, "a");
    await beginAsked(store, "b");
    const [a, b] = await leaseResources(store, askAtMs);
    await store.advance({ ...callback("a", 1), askAtMs: askAtMs + 500 });
    const late = { nowMs, askAtMs: undefined, stuck: true };
    expect(await store.asked({ id: "pay_a", leaseUntilMs: a!.leaseUntilMs, ...late })).toBe(false);
    expect(ids(await leaseResources(store, askAtMs + 500))).toEqual(["pay_a"]);
    expect(ids(await leaseResources(store, askAtMs + leaseMs, 1))).toEqual(["pay_b"]);
    expect(await store.asked({ id: "pay_b", leaseUntilMs: b!.leaseUntilMs, ...late })).toBe(false);
    await store.complete(completion("b"));
    expect(await store.asked({ id: "pay_b", ...late })).toBe(false);
    expect(await store.stuck({ limit: 9 })).toEqual([]);
  });

  promised("what is past its bound is an operator's, until it is asked about anew or moves", async (store) => {
    for (const name of ["c", "a", "b"]) await beginAsked(store, name);
    for (const { resource, leaseUntilMs } of await leaseResources(store, askAtMs)) {
      await store.asked({ id: resource.id, leaseUntilMs, nowMs: askAtMs + 1, askAtMs: undefined, stuck: true });
    }
    expect(await leaseResources(store, askAtMs + 9_999_999)).toEqual([]);
    const whole = { resource: await store.resource("pay_c"), asks: 1, lastAskedAtMs: askAtMs + 1 };
    expect((await store.stuck({ limit: 1 }))[0]).toEqual(whole);
    const names = async (page: { limit: number; afterId?: string }) =>
      (await store.stuck(page)).map(({ resource }) => resource.id);
    expect(await names({ limit: 2 })).toEqual(["pay_c", "pay_a"]);
    expect(await names({ limit: 2, afterId: "pay_a" })).toEqual(["pay_b"]);
    await expect(names({ limit: 2, afterId: "pay_x" })).rejects.toMatchObject({ code: "unknown_cursor" });

    expect(await store.askNow("pay_c", askAtMs + 50)).toBe(true);
    expect(await leaseResources(store, askAtMs + 50)).toMatchObject([{ resource: { id: "pay_c" }, asks: 0 }]);
    await store.askNow("pay_c", askAtMs + 51);
    expect(await leaseResources(store, askAtMs + 51)).toEqual([]);
    await store.advance(callback("a", 1));
    expect(await names({ limit: 9 })).toEqual(["pay_b"]);
    expect(await store.asked({ id: "pay_b", nowMs, askAtMs: askAtMs + 60, stuck: false })).toBe(true);
    expect(await names({ limit: 9 })).toEqual([]);
    expect(await leaseResources(store, askAtMs + 60)).toMatchObject([{ resource: { id: "pay_b" }, asks: 2 }]);
    expect(await store.askNow("pay_x", nowMs)).toBe(false);
  });

  promised("an intent given back is not asked about", async (store) => {
    await beginAsked(store, "a");
    await store.release({ partner: "acme", key: "key-a", operationId: "payments.create" });
    expect(await leaseResources(store, askAtMs)).toEqual([]);
    expect(await store.begin(creation("a"))).toEqual({ kind: "claimed" });
    expect(await leaseResources(store, askAtMs)).toEqual([]);
  });

  promised("the same callback quarantined again is one row, counted; another adapter's is another", async (store) => {
    const row = (name: string, adapter = "bank") => ({
      id: `qua_${name}`,
      adapter,
      why: "unmatched",
      digest: "5e".repeat(32),
      request: { body: "王小明" },
      firstAtMs: nowMs,
    });
    await store.quarantine(row("a"));
    await Promise.all(
      Array.from({ length: 9 }, (_, at) => store.quarantine({ ...row(`${at}`), firstAtMs: nowMs + at })),
    );
    await store.quarantine({ ...row("b", "bureau"), request: null });
    expect(await store.quarantined({ limit: 9 })).toEqual([
      { ...row("a"), lastAtMs: nowMs + 8, times: 10 },
      { ...row("b", "bureau"), request: null, lastAtMs: nowMs, times: 1 },
    ]);
    expect(await store.quarantined({ limit: 9, afterId: "qua_a" })).toMatchObject([{ id: "qua_b" }]);
    await expect(store.quarantined({ limit: 9, afterId: "qua_1" })).rejects.toMatchObject({ code: "unknown_cursor" });
  });
}
