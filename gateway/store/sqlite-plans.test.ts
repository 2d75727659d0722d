import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { runBatch, statements } from "./sqlite-batch.ts";
import { handlers } from "./sqlite-handlers.ts";
import { prepareSchema } from "./sqlite-schema.ts";
import type { Unit } from "./units.ts";

const blob = new Uint8Array([1]);
const movement = { status: "b", body: blob, state: blob, handles: [blob], cause: "c", askAtMs: 1 };
const event = (id: string) => ({ id, type: "t", data: blob });
const claim = (key: number) => ({ partner: "p", key: new Uint8Array([key]), operationId: "o" });
const begin = (key: number) => ({
  ...claim(key),
  fingerprint: blob,
  nowMs: 1,
  claimExpiresAtMs: 9,
  leaseUntilMs: 5,
  nonce: { keyid: "k", nonce: `${key}`, expiresAtMs: 3 },
  touch: undefined,
  resource: {
    id: `r${key}`,
    kind: "k",
    partner: "p",
    adapter: "a",
    operationId: "o",
    referenceIndex: new Uint8Array([key]),
    reference: blob,
    status: "s",
    body: blob,
    createdAtMs: 1,
    askAtMs: 1,
  },
});
const entry = { atMs: 1, requestId: "q", kind: "exchange" as const, facts: "{}" };

/** One of each unit at least, and each of their branches, so that every statement of the engine is met. */
const units: Unit[] = [
  { name: "anchor", input: [{ name: "n", digest: blob }] },
  {
    name: "addEndpoint",
    input: { id: "e", partner: "p", url: blob, types: ["*"], description: null, secrets: blob, createdAtMs: 1 },
  },
  ...[1, 2, 3].map((key): Unit => ({ name: "begin", input: begin(key) })),
  { name: "begin", input: { ...begin(4), resource: undefined, touch: { id: "r1", askAtMs: 2 } } },
  { name: "begin", input: { ...begin(4), nowMs: 10, nonce: undefined, resource: undefined } },
  {
    name: "complete",
    input: {
      claim: claim(1),
      nowMs: 2,
      answer: { status: 200, sealed: blob },
      resource: { id: "r1", ...movement, event: event("v1") },
      settled: { id: "r1", askAtMs: null },
    },
  },
  {
    name: "complete",
    input: {
      claim: undefined,
      nowMs: 2,
      answer: undefined,
      resource: { id: "r1", ...movement, event: undefined },
      settled: undefined,
    },
  },
  {
    name: "advance",
    input: { id: "r1", ...movement, handles: [], event: event("v2"), expectedVersion: 2, nowMs: 2 },
  },
  { name: "release", input: claim(2) },
  { name: "resource", input: { id: "r1" } },
  { name: "resource", input: { referenceIndex: blob } },
  { name: "resource", input: { adapter: "a", handle: blob } },
  { name: "resources", input: { partner: "p", kind: "k", limit: 10, afterId: "r1" } },
  { name: "transitions", input: { id: "r1" } },
  { name: "reroute", input: { id: "r3", adapter: "b" } },
  { name: "claimNonce", input: { keyid: "k", nonce: "n", expiresAtMs: 2, nowMs: 1 } },
  { name: "ping", input: undefined },
  { name: "endpoint", input: { id: "e" } },
  { name: "endpoints", input: { partner: "p", limit: 1, afterId: "e" } },
  {
    name: "changeEndpoint",
    input: {
      id: "e",
      url: undefined,
      types: undefined,
      description: undefined,
      secrets: undefined,
      status: "active",
      disabledBecause: undefined,
      nowMs: 1,
    },
  },
  { name: "event", input: { id: "v1" } },
  ...[undefined, "t"].flatMap((type) =>
    [undefined, "r1"].map((resourceId): Unit => ({
      name: "events",
      input: { partner: "p", type, resourceId, limit: 10, afterId: "v1" },
    })),
  ),
  { name: "deliveries", input: { eventId: "v1" } },
  { name: "dueDeliveries", input: { nowMs: 9, leaseUntilMs: 20, limit: 10, exceptEndpoints: ["x"] } },
  { name: "dueDeliveries", input: { nowMs: 20, leaseUntilMs: 30, limit: 10, exceptEndpoints: [] } },
  ...(["retry", "gone"] as const).map((outcome): Unit => ({
    name: "settleDelivery",
    input: {
      id: "v1:e",
      leaseUntilMs: outcome === "retry" ? 30 : 40,
      attempt: { atMs: 20, durationMs: 1 },
      outcome,
      nextAttemptAtMs: outcome === "retry" ? 31 : null,
      nowMs: 20,
    },
  })),
  { name: "attempts", input: { deliveryId: "v1:e" } },
  { name: "resend", input: { eventId: "v1", endpointId: undefined, nowMs: 40 } },
  { name: "resend", input: { eventId: "v1", endpointId: "e", nowMs: 40 } },
  { name: "dueDeliveries", input: { nowMs: 40, leaseUntilMs: 40, limit: 10, exceptEndpoints: [] } },
  { name: "resend", input: { eventId: "v1", endpointId: "e", nowMs: 41 } },
  { name: "backlog", input: { nowMs: 50 } },
  { name: "dueResources", input: { nowMs: 9, leaseUntilMs: 20, limit: 10 } },
  { name: "asked", input: { id: "r1", leaseUntilMs: 20, nowMs: 9, askAtMs: 10, stuck: true } },
  { name: "stuck", input: { limit: 10, afterId: "r1" } },
  { name: "askNow", input: { id: "r1", nowMs: 9 } },
  {
    name: "quarantine",
    input: { id: "u", adapter: "a", why: "w", digestIndex: blob, sealed: blob, firstAtMs: 1 },
  },
  { name: "quarantined", input: { limit: 1, afterId: "u" } },
  { name: "appendAudit", input: { chain: "c", entries: [entry] } },
  { name: "addCheckpoint", input: { chain: "c", number: 1, hash: "", atMs: 1, keyid: "k", signature: "s" } },
  { name: "chains", input: undefined },
  { name: "auditRows", input: { chain: "c", limit: 1, afterNumber: 0 } },
  { name: "checkpoints", input: { chain: "c" } },
  { name: "auditOf", input: { requestId: "q" } },
  { name: "prune", input: { nowMs: 9, maxRows: 5 } },
  { name: "removeEndpoint", input: { id: "e" } },
  { name: "pruneEvents", input: { beforeMs: 90, afterSeq: 0, maxRows: 5 } },
  { name: "pruneResources", input: { kind: "k", status: "s", beforeMs: 9, nowMs: 20, maxRows: 5 } },
  { name: "pruneQuarantine", input: { beforeMs: 9, maxRows: 5 } },
];

/** Walks that are meant: a count for metrics, the oldest nonces and claims up to a limit, and the few checkpoints for the list of all chains. */
const meant = [
  "SCAN deliveries USING COVERING INDEX deliveries_queue",
  "SCAN nonces",
  "SCAN claims",
  "SCAN audit_checkpoints USING COVERING INDEX audit_checkpoints_number",
];
/** What is no table: the caller's own lists, the walk over endpoints, a row by its highest number. */
const noTable = /^SCAN (waiting|w|t|json_each|every|rows_of|CONSTANT ROW|schema_migrations)\b/;

function database() {
  const db = new DatabaseSync(":memory:");
  prepareSchema(db);
  return db;
}

describe("sqlite: plans", () => {
  it("no statement of any unit looks at a whole table", () => {
    const db = database();
    const texts = new Set<string>();
    const plain = statements(db);
    const heard = {
      run: (text: string, ...values: never[]) => (texts.add(text), plain.run(text, ...values)),
      insert: (text: string, ...values: never[]) => (texts.add(text), plain.insert(text, ...values)),
      one: <Row>(text: string, ...values: never[]) => (texts.add(text), plain.one<Row>(text, ...values)),
      all: <Row>(text: string, ...values: never[]) => (texts.add(text), plain.all<Row>(text, ...values)),
    };
    expect(new Set(units.map((unit) => unit.name))).toEqual(new Set(Object.keys(handlers)));
    const outcomes = runBatch(db, heard, units);
    const failures = outcomes.flatMap((outcome, at) => (outcome.ok ? [] : [[units[at]?.name, outcome.failure]]));
    expect(failures).toMatchObject([["addCheckpoint", { code: "conflict" }]]);

    const plans = [...texts]
      .filter((text) => /^\s*(SELECT|WITH|INSERT|UPDATE|DELETE)/.test(text))
      .flatMap((text) => db.prepare(`EXPLAIN QUERY PLAN ${text}`).all())
      .map((step) => String(step["detail"]));
    expect(plans.length).toBeGreaterThan(100);
    expect(new Set(plans.filter((step) => step.startsWith("SCAN") && !noTable.test(step)))).toEqual(new Set(meant));
  });

  it("with 100,000 deliveries waiting, leasing and settling stay quick", () => {
    const db = database();
    const rows = 100_000;
    const hosts = `FROM (WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 49) SELECT i FROM n)`;
    db.exec(`INSERT INTO endpoints (id, partner, url, types, secrets, status, created_at_ms, updated_at_ms)
      SELECT 'e' || i, 'p', x'00', '["*"]', x'00', iif(i < 25, 'active', 'paused'), 0, 0 ${hosts}`);
    // A quarter each: heads of live hosts, heads of paused ones, what waits behind another, and hosts passed over.
    db.exec(`WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows - 1})
      INSERT INTO events (id, partner, resource_id, version, type, data, created_at_ms)
      SELECT 'v' || i, 'p', 'r' || (i / 4), i % 4, 't', x'00', i FROM n`);
    db.exec(`INSERT INTO deliveries
      (id, event_id, endpoint_id, partner, resource_id, version, status, next_attempt_at_ms, due_at_ms)
      SELECT id || ':e' || (seq / 4 % 50), id, 'e' || (seq / 4 % 50), partner, resource_id, version, 'pending', seq,
        iif(version = 0, seq, NULL) FROM events`);
    const sql = statements(db);
    const exceptEndpoints = Array.from({ length: 20 }, (_, at) => `e${at}`);
    const begunAtMs = performance.now();
    const rounds = 50;
    for (let round = 0; round < rounds; round += 1) {
      const leaseUntilMs = rows + 1 + round;
      const lease: Unit = { name: "dueDeliveries", input: { nowMs: rows, leaseUntilMs, limit: 10, exceptEndpoints } };
      const [leased] = runBatch(db, sql, [lease]);
      const due = leased?.ok ? (leased.output as { delivery: { id: string } }[]) : [];
      expect(due.length).toBe(10);
      const settle = due.map(({ delivery }): Unit => ({
        name: "settleDelivery",
        input: {
          id: delivery.id,
          leaseUntilMs,
          attempt: { atMs: rows, durationMs: 1, status: 200 },
          outcome: "delivered",
          nextAttemptAtMs: null,
          nowMs: rows,
        },
      }));
      expect(runBatch(db, sql, settle).every((outcome) => outcome.ok)).toBe(true);
    }
    const roundMs = (performance.now() - begunAtMs) / rounds;
    expect(roundMs).toBeLessThan(30);
    db.close();
  });
});
