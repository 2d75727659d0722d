import { beginAsked, leaseResources } from "./suite-recovery.ts";
import { answer, call, callback, claimMs, completion, creation, leaseMs, nowMs } from "./suite-samples.ts";
import type { Store } from "./store.ts";
import type { Promised, Runner } from "./suite.ts";

const touchAtMs = nowMs + leaseMs;
const laterMs = nowMs + 90_000;

/** An act on a resource: a process that dies in it leaves the target to recovery, one that ends it does not. */
export function touchPromises(promised: Promised, expect: Runner["expect"]): void {
  const cancel = (name: string, askAtMs = touchAtMs) =>
    call(name, { operationId: "payments.cancel", touch: { id: "pay_a", askAtMs } });
  const cancelled = (name: string) => ({
    partner: "acme",
    key: `key-${name}`,
    operationId: "payments.cancel",
    nowMs,
    answer,
  });
  const asksAt = async (store: Store, atMs: number) =>
    (await leaseResources(store, atMs)).map(({ resource, asks }) => [resource.id, asks]);
  /** Payment a, which nobody asks about. */
  const standing = async (store: Store) => {
    await store.begin(creation("a"));
    await store.complete(completion("a"));
  };

  promised("an act that never ends leaves its target due", async (store) => {
    await standing(store);
    expect(await store.begin(cancel("cancel"))).toEqual({ kind: "claimed" });
    expect(await asksAt(store, touchAtMs - 1)).toEqual([]);
    expect(await asksAt(store, touchAtMs)).toEqual([["pay_a", 0]]);
  });

  promised("an act that ends, or is given back, leaves its target as it was", async (store) => {
    await standing(store);
    await store.begin(cancel("one"));
    await store.complete(cancelled("one"));
    await store.begin(cancel("two"));
    await store.release({ partner: "acme", key: "key-two", operationId: "payments.cancel" });
    expect(await asksAt(store, laterMs)).toEqual([]);

    await store.askNow("pay_a", laterMs);
    await store.begin(cancel("three"));
    await store.complete(cancelled("three"));
    expect(await asksAt(store, laterMs - 1)).toEqual([]);
    expect(await asksAt(store, laterMs)).toEqual([["pay_a", 0]]);
  });

  promised("an act that ends says when to ask, or that there is nothing to ask", async (store) => {
    await standing(store);
    await store.begin(cancel("one"));
    await store.complete({ ...cancelled("one"), settled: { id: "pay_a", askAtMs: laterMs } });
    expect(await asksAt(store, laterMs - 1)).toEqual([]);
    await store.begin(cancel("two", laterMs + leaseMs));
    expect(await asksAt(store, laterMs)).toEqual([["pay_a", 0]]);
    await store.complete({ ...cancelled("two"), settled: { id: "pay_a", askAtMs: undefined } });
    expect(await asksAt(store, laterMs + claimMs)).toEqual([]);
  });

  promised("of two acts at once each counts for itself", async (store) => {
    await standing(store);
    await store.begin(cancel("dies", touchAtMs + 5));
    await store.begin(cancel("ends"));
    await store.complete(cancelled("ends"));
    expect(await asksAt(store, touchAtMs + 4)).toEqual([]);
    expect(await asksAt(store, touchAtMs + 5)).toEqual([["pay_a", 0]]);
  });

  promised("the earlier counts, of an act's and the target's own", async (store) => {
    await beginAsked(store, "a", touchAtMs - 5);
    await store.begin(cancel("one"));
    const [own] = await leaseResources(store, touchAtMs - 5);
    await store.asked({
      id: "pay_a",
      leaseUntilMs: own!.leaseUntilMs,
      nowMs: touchAtMs,
      askAtMs: laterMs,
      stuck: false,
    });
    expect(await asksAt(store, touchAtMs)).toEqual([["pay_a", 0]]);
  });

  promised("a callback that moves the target meanwhile does not hide an act's death", async (store) => {
    await standing(store);
    await store.begin(cancel("cancel"));
    await store.advance(callback("a", 2));
    expect(await asksAt(store, touchAtMs)).toEqual([["pay_a", 0]]);
  });

  promised("an ask under way does not stand for an act that died during it", async (store) => {
    await beginAsked(store, "a", touchAtMs - 5);
    await store.begin(cancel("cancel"));
    const [early] = await leaseResources(store, touchAtMs - 5);
    expect(await asksAt(store, touchAtMs)).toEqual([]);
    const none = { nowMs: touchAtMs, askAtMs: undefined, stuck: false };
    await store.asked({ id: "pay_a", leaseUntilMs: early!.leaseUntilMs, ...none });
    expect(await asksAt(store, touchAtMs)).toEqual([["pay_a", 0]]);
    expect(await asksAt(store, touchAtMs + leaseMs - 1)).toEqual([]);
  });

  promised("an act's death is not forgotten when its key is used anew", async (store) => {
    await standing(store);
    await store.begin(cancel("cancel"));
    const nextDayMs = nowMs + claimMs;
    await store.prune(nextDayMs);
    const again = { nowMs: nextDayMs, claimExpiresAtMs: nextDayMs + claimMs, leaseUntilMs: nextDayMs + leaseMs };
    expect(await store.begin({ ...cancel("cancel", nextDayMs + leaseMs), ...again })).toEqual({ kind: "claimed" });
    expect(await asksAt(store, nextDayMs)).toEqual([["pay_a", 0]]);
  });

  promised("an act on what is not there is a conflict, and claims nothing", async (store) => {
    await expect(store.begin(cancel("cancel"))).rejects.toMatchObject({ code: "conflict", effect: "none" });
    await standing(store);
    expect(await store.begin(cancel("cancel"))).toEqual({ kind: "claimed" });
    expect(await store.begin(cancel("cancel"))).toMatchObject({ kind: "in_flight" });
  });
}
