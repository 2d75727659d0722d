import { verifyChain } from "./evidence.ts";
import type { AuditEntry } from "./store-evidence.ts";
import { nowMs } from "./suite-samples.ts";
import type { Promised, Runner } from "./suite.ts";

/** The n-th entry of the samples. */
export function auditEntry(at: number): AuditEntry {
  return {
    atMs: nowMs + at,
    requestId: `req_${at}`,
    kind: "exchange",
    partner: "acme",
    facts: { status: 201, method: "POST", target: "/v1/payments", contentDigest: 'sha-256=:"\u2028€😀:' },
  };
}

/** Evidence is appended, never changed, and proves itself. */
export function evidencePromises(promised: Promised, expect: Runner["expect"]): void {
  promised("entries read back in order, each linked to the one before", async (store) => {
    const first = await store.appendAudit([auditEntry(1), auditEntry(2)]);
    const { partner: _none, ...operator } = { ...auditEntry(3), kind: "operator" as const };
    const head = await store.appendAudit([operator]);
    expect([first.number, head.number]).toEqual([2, 3]);
    const rows = await store.auditRows(head.chain, { limit: 9 });
    const given = [auditEntry(1), auditEntry(2), operator];
    const { chain } = head;
    expect(rows).toEqual(given.map((entry, at) => ({ ...entry, chain, number: at + 1, hash: rows[at]?.hash })));
    expect([rows[1]?.hash, rows[2]?.hash]).toEqual([first.hash, head.hash]);
    expect(verifyChain(rows)).toEqual({ ok: true, head });
    expect(await store.chains()).toEqual([chain]);
  });

  promised("many who append at once make one chain without gaps", async (store) => {
    const heads = await Promise.all(Array.from({ length: 50 }, (_, at) => store.appendAudit([auditEntry(at)])));
    expect(heads.map((head) => head.number)).toEqual(heads.map((_, at) => at + 1));
    const { chain } = heads[0]!;
    const page = await store.auditRows(chain, { limit: 30 });
    const rest = await store.auditRows(chain, { limit: 30, afterNumber: 30 });
    expect(rest.map((row) => row.requestId)).toEqual(Array.from({ length: 20 }, (_, at) => `req_${30 + at}`));
    const middle = verifyChain(page);
    expect(verifyChain(rest, { after: heads[29]! })).toEqual({ ok: true, head: heads[49] });
    expect(middle).toEqual({ ok: true, head: heads[29] });
  });

  promised("a request's evidence is found by its id", async (store) => {
    await store.appendAudit([auditEntry(1), auditEntry(2), { ...auditEntry(1), atMs: nowMs + 9 }]);
    expect((await store.auditOf("req_1")).map((row) => row.number)).toEqual([1, 3]);
    expect(await store.auditOf("req_none")).toEqual([]);
  });

  promised("what has no canonical form is refused whole", async (store) => {
    for (const wrong of [0.5, Number.NaN, 2 ** 53, null, true, ["x"], "\ud800"]) {
      const entry = { ...auditEntry(2), facts: { wrong: wrong as string } };
      const appended = store.appendAudit([auditEntry(1), entry]);
      await expect(appended).rejects.toMatchObject({ code: "conflict", effect: "none" });
    }
    await expect(store.appendAudit([])).rejects.toMatchObject({ code: "conflict" });
    expect(await store.chains()).toEqual([]);
    expect((await store.appendAudit([auditEntry(1)])).number).toBe(1);
  });

  promised("a checkpoint is kept for a head that the chain had, and for no other", async (store) => {
    const old = await store.appendAudit([auditEntry(1)]);
    const head = await store.appendAudit([auditEntry(2)]);
    const sign = (at: typeof head) => ({ ...at, atMs: nowMs, keyid: "k1", signature: "c2ln" });
    await store.addCheckpoint(sign(head));
    await store.addCheckpoint(sign(old));
    await store.addCheckpoint({ ...sign(old), atMs: nowMs + 1 });
    expect(await store.checkpoints(head.chain)).toEqual([sign(old), sign(head)]);
    for (const wrong of [
      { ...head, number: 1 },
      { ...head, number: 3 },
      { ...head, chain: "chain_0" },
    ]) {
      await expect(store.addCheckpoint(sign(wrong))).rejects.toMatchObject({ code: "conflict", effect: "none" });
    }
    expect((await store.checkpoints(head.chain)).length).toBe(2);
    expect(await store.checkpoints("chain_0")).toEqual([]);
  });
}
