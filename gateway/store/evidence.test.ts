import { DatabaseSync } from "node:sqlite";
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { canonicalJson } from "./canonical.ts";
import { chained, entryText, genesisHash, verifyChain } from "./evidence.ts";
import { databasePath, openStore } from "./sqlite-setting.fixture.ts";
import type { AuditEntry, AuditRow } from "./store-evidence.ts";
import { auditEntry } from "./suite-evidence.ts";

describe("canonical JSON", () => {
  it("orders and escapes as RFC 8785, sections 3.2.2 and 3.2.3", () => {
    const euro = "\u20ac";
    const names = { [euro]: 1, "\r": 2, "\ufb33": 3, "1": 4, "\ud83d\ude00": 5, "\u0080": 6, "\u00f6": 7 };
    expect(canonicalJson(names)).toBe(`{"\\r":2,"1":4,"\u0080":6,"\u00f6":7,"${euro}":1,"\ud83d\ude00":5,"\ufb33":3}`);
    const text = `${euro}$\u000f\u000aA'\u0042\u0022\u005c\\"/`;
    expect(canonicalJson({ text, nothing: {}, number: -0 })).toBe(
      `{"nothing":{},"number":0,"text":"${euro}$\\u000f\\nA'B\\"\\\\\\\\\\"/"}`,
    );
  });

  it("is the same whatever the order in which members were set", () => {
    const facts = { "1": 1, a: "x", aB: -0, b: { z: 1, y: "2" }, "\u20ac": "\u2028", "\ud83d\ude00": 5 };
    const members = Object.entries(facts);
    const orders = [members, members.toReversed(), members.toSpliced(1, 2, ...members.slice(1, 3).toReversed())];
    const texts = orders.map((order) => canonicalJson(Object.fromEntries(order)));
    expect(new Set(texts)).toEqual(
      new Set(['{"1":1,"a":"x","aB":0,"b":{"y":"2","z":1},"\u20ac":"\u2028","\ud83d\ude00":5}']),
    );
    const { b: _nested, ...flat } = facts;
    const inOrder = '{"1":1,"a":"x","aB":0,"\u20ac":"\u2028","\ud83d\ude00":5}';
    expect(canonicalJson(flat)).toBe(inOrder);
    expect(canonicalJson(Object.fromEntries(Object.entries(flat).toReversed()))).toBe(inOrder);
    expect(() => canonicalJson({ "\udc00": 1 })).toThrow("strings and whole numbers");
  });

  it.each([0.1, 2 ** 53, Number.POSITIVE_INFINITY, null, undefined, false, ["a"], 1n, "\udc00", { a: { b: null } }])(
    "has no form for %s",
    (value) => {
      expect(() => canonicalJson({ value: value as string })).toThrow("strings and whole numbers");
    },
  );
});

describe("a chain", () => {
  const chain = "chain_1";
  const rowsOf = (entries: AuditEntry[]): AuditRow[] =>
    chained(chain, undefined, entries.map(entryText)).map(({ number, hash }, at) => ({
      ...entries[at]!,
      chain,
      number,
      hash,
    }));
  const rows = rowsOf([1, 2, 3, 4].map(auditEntry));
  const head = { chain, number: 4, hash: rows[3]!.hash };

  it("is linked as documented", () => {
    const [first, second] = rows;
    const { hash: _none, ...whole } = second!;
    const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
    const text = first!.hash + sha256(canonicalJson({ ...whole, partner: "acme" }));
    expect(second!.hash).toBe(sha256(text));
    expect(genesisHash(chain)).toBe(createHash("sha256").update(`qiao audit chain\n${chain}`).digest("hex"));
  });

  it("that is whole verifies, page by page and with its checkpoints", () => {
    expect(verifyChain(rows, { checkpoints: [head, rows[1]!] })).toEqual({ ok: true, head });
    const after = { chain, number: 2, hash: rows[1]!.hash };
    expect(verifyChain(rows.slice(2), { after, checkpoints: [head] })).toEqual({ ok: true, head });
    expect(verifyChain([])).toEqual({ ok: true, head: undefined });
  });

  it.each([
    ["a fact", { facts: { ...rows[1]!.facts, status: 200 } }],
    ["a fact gone", { facts: { status: 201 } }],
    ["a fact of no canonical form", { facts: { status: 0.5 } }],
    ["the time", { atMs: 1 }],
    ["the request", { requestId: "req_9" }],
    ["the kind", { kind: "webhook" as const }],
    ["the partner", { partner: "bolt" }],
    ["the chain", { chain: "chain_2" }],
    ["the hash", { hash: "0".repeat(64) }],
  ])("with a row altered in %s does not", (_what, change) => {
    const altered = rows.with(1, { ...rows[1]!, ...change });
    expect(verifyChain(altered)).toEqual({ ok: false, number: 2, why: "altered" });
  });

  it("with a row missing, repeated or out of order does not", () => {
    expect(verifyChain(rows.toSpliced(1, 1))).toEqual({ ok: false, number: 2, why: "missing" });
    expect(verifyChain(rows.slice(1))).toEqual({ ok: false, number: 1, why: "missing" });
    expect(verifyChain(rows.toSpliced(1, 0, rows[0]!))).toEqual({ ok: false, number: 2, why: "altered" });
    expect(verifyChain([rows[1]!, rows[0]!])).toEqual({ ok: false, number: 1, why: "missing" });
  });

  it("with its tail cut off does not, against a checkpoint", () => {
    expect(verifyChain(rows.slice(0, 2))).toMatchObject({ ok: true });
    expect(verifyChain(rows.slice(0, 2), { checkpoints: [head] })).toEqual({ ok: false, number: 3, why: "cut" });
    expect(verifyChain([], { checkpoints: [head] })).toEqual({ ok: false, number: 1, why: "cut" });
  });

  it("written anew with right hashes does not, against a checkpoint", () => {
    const rewritten = rowsOf([1, 9, 3, 4].map(auditEntry));
    expect(verifyChain(rewritten)).toMatchObject({ ok: true });
    expect(verifyChain(rewritten, { checkpoints: [head] })).toEqual({ ok: false, number: 4, why: "altered" });
  });
});

describe("evidence at rest", () => {
  it("each opened store has a chain of its own, and what is there stays readable", async () => {
    const path = databasePath();
    const one = await openStore(path);
    const other = await openStore(path);
    const heads = await Promise.all([one, other, one].map((store, at) => store.appendAudit([auditEntry(at)])));
    expect(heads.map((head) => head.number)).toEqual([1, 1, 2]);
    await one.close();
    const both = await other.chains();
    expect(both.toSorted()).toEqual([heads[0]!.chain, heads[1]!.chain].toSorted());
    expect(verifyChain(await other.auditRows(heads[0]!.chain, { limit: 9 }))).toEqual({ ok: true, head: heads[2] });
  });

  it.each([
    ["changed", "UPDATE audit SET kind = 'webhook'"],
    ["deleted", "DELETE FROM audit"],
    ["changed", "INSERT OR REPLACE INTO audit SELECT id, chain, number, 0, '', kind, partner, facts, hash FROM audit"],
    ["changed", "UPDATE audit_checkpoints SET hash = ''"],
    ["deleted", "DELETE FROM audit_checkpoints"],
  ])("SQL that would leave it %s is refused: %s", async (_what, sql) => {
    const path = databasePath();
    const store = await openStore(path);
    const head = await store.appendAudit([auditEntry(1)]);
    await store.addCheckpoint({ ...head, atMs: 1, keyid: "k1", signature: "c2ln" });
    await store.close();
    const db = new DatabaseSync(path);
    expect(() => db.exec(sql)).toThrow("never");
    db.close();
    const reopened = await openStore(path);
    expect(verifyChain(await reopened.auditRows(head.chain, { limit: 9 }))).toEqual({ ok: true, head });
    expect((await reopened.checkpoints(head.chain)).length).toBe(1);
  });

  it("a row altered in the file behind the triggers' back is found", async () => {
    const path = databasePath();
    const store = await openStore(path);
    const { chain } = await store.appendAudit([1, 2, 3].map(auditEntry));
    await store.close();
    const db = new DatabaseSync(path);
    db.exec("DROP TRIGGER audit_unchanged; DROP TRIGGER audit_kept");
    db.exec("UPDATE audit SET facts = replace(facts, '201', '500') WHERE number = 2");
    db.close();
    const reopened = await openStore(path);
    expect(verifyChain(await reopened.auditRows(chain, { limit: 9 }))).toEqual({
      ok: false,
      number: 2,
      why: "altered",
    });
  });
});
