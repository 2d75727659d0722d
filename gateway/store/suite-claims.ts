import { answer, call, claimMs, completion, creation, leaseMs, nowMs, payment } from "./suite-samples.ts";
import type { Promised, Runner } from "./suite.ts";

const twins = 50;

/** Nonce, claim, answer: an idempotency key is worked on once, and tells the truth afterwards. */
export function claimPromises(promised: Promised, expect: Runner["expect"]): void {
  promised("a new key is claimed, its twin is in flight and names the resource", async (store) => {
    expect(await store.begin(creation("a"))).toEqual({ kind: "claimed" });
    const twin = await store.begin(creation("a", { resource: payment("b") }));
    expect(twin).toEqual({ kind: "in_flight", leaseUntilMs: nowMs + leaseMs, resourceId: "pay_a" });
    expect(await store.resource("pay_b")).toBeUndefined();
  });

  promised(`of ${twins} twins at once exactly one is claimed`, async (store) => {
    const begun = Array.from({ length: twins }, (_, at) =>
      store.begin(creation("a", { resource: payment(`twin-${at}`) })),
    );
    const kinds = (await Promise.all(begun)).map((result) => result.kind);
    expect(kinds.filter((kind) => kind === "claimed").length).toBe(1);
    expect(kinds.filter((kind) => kind === "in_flight").length).toBe(twins - 1);
    expect((await store.resources("acme", "payments", { limit: twins })).length).toBe(1);
  });

  promised("two partners may use the same key", async (store) => {
    expect(await store.begin(call("a"))).toEqual({ kind: "claimed" });
    expect(await store.begin(call("a", { partner: "bolt" }))).toEqual({ kind: "claimed" });
  });

  promised("the same key with another body or operation is a mismatch, in flight and answered", async (store) => {
    await store.begin(creation("a"));
    const otherBody = call("a", { fingerprint: "00".repeat(32) });
    const otherOperation = call("a", { operationId: "payouts.create" });
    expect(await store.begin(otherBody)).toEqual({ kind: "mismatch" });
    expect(await store.begin(otherOperation)).toEqual({ kind: "mismatch" });
    await store.complete(completion("a"));
    expect(await store.begin(otherBody)).toEqual({ kind: "mismatch" });
    expect(await store.begin(otherOperation)).toEqual({ kind: "mismatch" });
  });

  promised("an answered key replays its answer byte for byte", async (store) => {
    await store.begin(creation("a"));
    await store.complete(completion("a"));
    expect(await store.begin(creation("a"))).toEqual({ kind: "replay", ...answer });
  });

  promised("an answer of no bytes, and one of every byte, replays too", async (store) => {
    for (const body of [new Uint8Array(), Uint8Array.from({ length: 256 }, (_, byte) => byte)]) {
      const name = `bytes-${body.length}`;
      await store.begin(creation(name));
      await store.complete(completion(name, { answer: { ...answer, body } }));
      expect(await store.begin(creation(name))).toEqual({ kind: "replay", ...answer, body });
    }
  });

  promised("the first answer stays", async (store) => {
    await store.begin(call("a"));
    const { resource: _none, ...first } = completion("a");
    await store.complete(first);
    await store.complete({ ...first, answer: { ...answer, status: 502 } });
    expect(await store.begin(call("a"))).toMatchObject({ kind: "replay", status: 201 });
  });

  promised("in flight beyond its lease is abandoned, and can still be completed", async (store) => {
    await store.begin(creation("a"));
    const later = { nowMs: nowMs + leaseMs };
    expect(await store.begin(creation("a", { nowMs: nowMs + leaseMs - 1 }))).toMatchObject({ kind: "in_flight" });
    expect(await store.begin(creation("a", later))).toEqual({ kind: "abandoned", resourceId: "pay_a" });
    await store.complete(completion("a"));
    expect(await store.begin(creation("a", later))).toMatchObject({ kind: "replay" });
  });

  promised("an expired claim is as if absent, and a late answer to it is not the new one's", async (store) => {
    await store.begin(creation("a"));
    const nextDay = { nowMs: nowMs + claimMs, claimExpiresAtMs: nowMs + 2 * claimMs };
    const lease = { leaseUntilMs: nowMs + claimMs + leaseMs };
    const again = creation("a", { ...nextDay, ...lease, resource: payment("b") });
    expect(await store.begin(creation("a", { nowMs: nowMs + claimMs - 1 }))).toMatchObject({ kind: "abandoned" });
    expect(await store.begin(again)).toEqual({ kind: "claimed" });
    await store.complete(completion("a"));
    expect(await store.begin(again)).toMatchObject({ kind: "in_flight", resourceId: "pay_b" });
    expect(await store.resource("pay_a")).toMatchObject({ status: "succeeded" });
  });

  promised("a claim given back may be taken again, with the same reference", async (store) => {
    await store.begin(creation("a"));
    await store.release(call("a"));
    expect(await store.resource("pay_a")).toBeUndefined();
    expect(await store.transitions("pay_a")).toEqual([]);
    expect(await store.begin(creation("a"))).toEqual({ kind: "claimed" });
  });

  promised("a claim is not given back once something was done", async (store) => {
    await store.begin(creation("a"));
    await store.advance({ ...completion("a").resource!, expectedVersion: 1, nowMs });
    await expect(store.release(call("a"))).rejects.toMatchObject({ code: "conflict", effect: "none" });
    await store.complete(completion("a"));
    await expect(store.release(call("a"))).rejects.toMatchObject({ code: "conflict" });
    expect(await store.begin(creation("a"))).toMatchObject({ kind: "replay" });
  });

  promised("giving back what is not there, or another operation's, changes nothing", async (store) => {
    await store.release(call("a"));
    await store.begin(call("a"));
    await store.release(call("a", { operationId: "payouts.create" }));
    expect(await store.begin(call("a"))).toMatchObject({ kind: "in_flight" });
  });

  promised("a replayed nonce claims nothing", async (store) => {
    const nonce = { keyid: "k1", nonce: "n1", expiresAtMs: nowMs + 60_000 };
    expect(await store.begin(creation("a", { nonce }))).toEqual({ kind: "claimed" });
    expect(await store.begin(creation("b", { nonce }))).toEqual({ kind: "nonce_replayed" });
    expect(await store.resource("pay_b")).toBeUndefined();
    expect(await store.begin(creation("b"))).toEqual({ kind: "claimed" });
  });

  promised("each verified request consumes its nonce, whatever its key says", async (store) => {
    const nonce = (text: string) => ({ keyid: "k1", nonce: text, expiresAtMs: nowMs + 60_000 });
    await store.begin(creation("a"));
    const requests = [
      creation("a", { nonce: nonce("in flight") }),
      creation("a", { nonce: nonce("mismatch"), fingerprint: "00".repeat(32) }),
      creation("a", { nonce: nonce("abandoned"), nowMs: nowMs + leaseMs }),
    ];
    for (const request of requests) {
      await store.begin(request);
      expect(await store.begin(request)).toEqual({ kind: "nonce_replayed" });
    }
    await store.complete(completion("a"));
    const replay = creation("a", { nonce: nonce("replay") });
    expect(await store.begin(replay)).toMatchObject({ kind: "replay" });
    expect(await store.begin(replay)).toEqual({ kind: "nonce_replayed" });
  });

  promised("a unit that fails takes nothing of its neighbours along, and leaves nothing behind", async (store) => {
    await store.begin(creation("a"));
    const nonce = { keyid: "k1", nonce: "n1", expiresAtMs: nowMs + 60_000 };
    const twin = creation("c", { nonce, resource: payment("c", { reference: "ref-a" }) });
    const [before, failing, after] = await Promise.allSettled([
      store.begin(creation("b")),
      store.begin(twin),
      store.begin(creation("d")),
    ]);
    expect([before, after]).toEqual(Array(2).fill({ status: "fulfilled", value: { kind: "claimed" } }));
    expect(failing).toMatchObject({ status: "rejected", reason: { code: "conflict", effect: "none" } });
    expect(await store.resource("pay_c")).toBeUndefined();
    expect(await store.begin(creation("c", { nonce }))).toEqual({ kind: "claimed" });
  });
}
