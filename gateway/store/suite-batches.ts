import { verifyChain } from "./evidence.ts";
import { callback, creation, endpointOf, eventOf, nowMs, payment } from "./suite-samples.ts";
import { auditEntry } from "./suite-evidence.ts";
import type { Promised, Runner } from "./suite.ts";

/** What is asked for at once is done once, whatever becomes of the rest. */
export function batchPromises(promised: Promised, expect: Runner["expect"]): void {
  promised("beside units that fail, each other one is done exactly once", async (store) => {
    await store.addEndpoint(endpointOf("a"));
    await store.begin(creation("a"));
    const callbackAsSeen = { adapter: "bank", why: "unmatched", digest: "d", request: {}, firstAtMs: nowMs };
    const nonce = { keyid: "k", nonce: "of-b", expiresAtMs: nowMs + 1_000 };
    const twin = creation("b", { nonce, resource: payment("b", { reference: "ref-a" }) });
    const results = await Promise.allSettled([
      store.quarantine({ id: "qua_1", ...callbackAsSeen }),
      store.appendAudit([auditEntry(1), auditEntry(2)]),
      store.advance({ ...callback("a", 1), event: eventOf("a", 2) }),
      store.begin(twin),
      store.claimNonce("k", "n", nowMs + 1_000, nowMs),
      store.resources("acme", "payments", { limit: 1, afterId: "pay_none" }),
      store.begin(creation("c", { touch: { id: "pay_none", askAtMs: nowMs } })),
      store.resource("pay_a"),
      store.appendAudit([auditEntry(3)]),
      store.begin(creation("d")),
    ]);
    const refused = results.flatMap((result, at) => (result.status === "rejected" ? [[at, result.reason.code]] : []));
    expect(refused).toEqual([
      [3, "conflict"],
      [5, "unknown_cursor"],
      [6, "conflict"],
    ]);

    expect(await store.quarantined({ limit: 9 })).toMatchObject([{ id: "qua_1", times: 1 }]);
    const [chain = ""] = await store.chains();
    const rows = await store.auditRows(chain, { limit: 9 });
    expect(rows.map(({ number }) => number)).toEqual([1, 2, 3]);
    expect(verifyChain(rows)).toMatchObject({ ok: true });
    expect((await store.transitions("pay_a")).length).toBe(2);
    expect((await store.events("acme", {}, { limit: 9 })).map(({ id }) => id)).toEqual(["evt_a-2"]);
    expect((await store.deliveries("evt_a-2")).length).toBe(1);
    expect(await store.claimNonce("k", "n", nowMs + 1_000, nowMs)).toBe(false);
    expect(await store.claimNonce("k", "of-b", nowMs + 1_000, nowMs)).toBe(true);
    expect(await store.begin(creation("c"))).toEqual({ kind: "claimed" });
    expect(await store.begin(creation("d"))).toMatchObject({ kind: "in_flight" });
  });
}
