import { maxPruneSliceRows } from "./limits.ts";
import { call, claimMs, completion, creation, nowMs } from "./suite-samples.ts";
import type { Promised, Runner } from "./suite.ts";

/** Nonces, pruning, health, closing. */
export function upkeepPromises(promised: Promised, expect: Runner["expect"]): void {
  promised("a nonce is taken once per key id, until it expires", async (store) => {
    const untilMs = nowMs + 1_000;
    expect(await store.claimNonce("k1", "n1", untilMs, nowMs)).toBe(true);
    expect(await store.claimNonce("k1", "n1", untilMs, nowMs)).toBe(false);
    expect(await store.claimNonce("k2", "n1", untilMs, nowMs)).toBe(true);
    expect(await store.claimNonce("k1", "n1", untilMs + 1_000, untilMs - 1)).toBe(false);
    expect(await store.claimNonce("k1", "n1", untilMs + 1_000, untilMs)).toBe(true);
    expect(await store.claimNonce("k1", "n1", untilMs + 1_000, untilMs)).toBe(false);
  });

  promised("of many who claim one nonce exactly one does", async (store) => {
    const claims = Array.from({ length: 50 }, () => store.claimNonce("k1", "n1", nowMs + 1_000, nowMs));
    expect((await Promise.all(claims)).filter(Boolean).length).toBe(1);
  });

  promised("pruning deletes what has expired and nothing else, slice by slice", async (store) => {
    const expired = maxPruneSliceRows + 7;
    const nonces = Array.from({ length: expired }, (_, at) => store.claimNonce("k1", `n${at}`, nowMs + at, nowMs - 1));
    await Promise.all([...nonces, store.claimNonce("k1", "fresh", nowMs + expired, nowMs)]);
    await store.begin(creation("a"));
    await store.complete(completion("a"));
    await store.begin(call("b", { claimExpiresAtMs: nowMs + 2 * claimMs }));

    expect(await store.prune(nowMs - 1)).toMatchObject({ nonces: 0, claims: 0 });
    expect(await store.prune(nowMs + expired - 1)).toMatchObject({ nonces: expired, claims: 0 });
    expect(await store.claimNonce("k1", "fresh", nowMs + claimMs, nowMs)).toBe(false);
    expect(await store.prune(nowMs + claimMs)).toEqual({
      nonces: 1,
      claims: 1,
      events: 0,
      resources: 0,
      quarantined: 0,
    });
    expect(await store.begin(call("b"))).toMatchObject({ kind: "in_flight" });
    expect(await store.resource("pay_a")).toMatchObject({ status: "succeeded" });
    expect(await store.begin(call("a"))).toEqual({ kind: "claimed" });
  });

  promised("completing after the claim was pruned still moves the resource", async (store) => {
    await store.begin(creation("a"));
    await store.prune(nowMs + claimMs);
    await store.complete(completion("a"));
    expect(await store.resource("pay_a")).toMatchObject({ version: 2, status: "succeeded" });
  });

  promised("it is healthy until closed", async (store) => {
    await store.health();
    await store.close();
    await store.close();
    const closed = { code: "store_closed", effect: "none" };
    await expect(store.health()).rejects.toMatchObject(closed);
    await expect(store.begin(call("a"))).rejects.toMatchObject(closed);
    await expect(store.resource("pay_a")).rejects.toMatchObject(closed);
    await expect(store.prune(nowMs)).rejects.toMatchObject(closed);
  });

  promised("closing finishes what was accepted", async (store) => {
    const accepted = Array.from({ length: 20 }, (_, at) => store.begin(call(`${at}`)));
    const closing = store.close();
    const kinds = (await Promise.all(accepted)).map((result) => result.kind);
    expect(kinds).toEqual(Array(20).fill("claimed"));
    await closing;
  });
}
