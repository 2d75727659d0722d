import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { sealer } from "./seal.ts";
import { sealedRows } from "./sealed-rows.ts";
import { databasePath, oldKey, openStore } from "./sqlite-setting.fixture.ts";
import { migrate } from "./sqlite-migrate.ts";
import { answer, claimMs, completion, creation, nowMs, payment } from "./suite-samples.ts";

const before = ["0001_claims_nonces_resources.sql", "0002_outbox_recovery_evidence.sql"];
const reference = "01a2053ddb6375d8760a670800210000";
const operationId = "payments.create";

/** A file as it was before 0003: payments a (answered, moved, told of) and b (an intent), and a nonce. */
function oldDatabase(path: string): void {
  const folder = mkdtempSync(join(tmpdir(), "qiao-migrations-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const name of before) cpSync(new URL(`./migrations/sqlite/${name}`, import.meta.url), join(folder, name));
  const db = new DatabaseSync(path);
  migrate(db, pathToFileURL(`${folder}/`));
  const seal = sealer({ keys: [oldKey] });
  const rows = sealedRows(seal);
  const insert = (table: string, row: Record<string, string | number | Uint8Array | null>): void => {
    const names = Object.keys(row);
    const values = names.map(() => "?").join(", ");
    db.prepare(`INSERT INTO ${table} (${names.join(", ")}) VALUES (${values})`).run(...Object.values(row));
  };
  insert("nonces", { keyid: "k1", nonce: "n1", expires_at_ms: nowMs + 1_000 });
  for (const name of ["a", "b"]) {
    const made = rows.sealResource(payment(name, { reference: name === "a" ? reference : `ref-${name}` }));
    const moved = rows.sealMovement(made.id, completion(name).resource!);
    const done = name === "a";
    insert("resources", {
      id: made.id,
      kind: made.kind,
      partner: made.partner,
      adapter: made.adapter,
      operation_id: operationId,
      reference_index: seal.blind("reference", done ? reference : `ref-${name}`),
      reference: made.reference,
      status: done ? moved.status : made.status,
      version: done ? 2 : 1,
      body: done ? moved.body : made.body,
      state: done ? moved.state : null,
      cause: done ? "answer" : "created",
      created_at_ms: nowMs,
      updated_at_ms: nowMs,
    });
    insert("claims", {
      partner: "acme",
      key: rows.keyIndex("acme", `key-${name}`),
      operation_id: operationId,
      fingerprint: rows.fingerprintIndex("5e".repeat(32)),
      resource_id: made.id,
      created_at_ms: nowMs,
      lease_until_ms: nowMs + 9_000,
      expires_at_ms: nowMs + claimMs,
      answered_at_ms: done ? nowMs : null,
      status: done ? answer.status : null,
      answer: done ? rows.sealAnswer("acme", `key-${name}`, answer) : null,
    });
    const transition = { resource_id: made.id, cause: "created", at_ms: nowMs };
    insert("transitions", { ...transition, version: 1, from_status: null, to_status: "pending" });
    if (done) insert("transitions", { ...transition, version: 2, from_status: "pending", to_status: "succeeded" });
    if (done) insert("handles", { adapter: "bank", handle: rows.handleIndex("handle-a"), resource_id: made.id });
    const data = seal.seal({ table: "events", column: "data", row: [`evt_${name}`] }, Buffer.from('"told"'));
    const event = { resource_id: made.id, version: 2, type: "payment.updated", data, created_at_ms: nowMs };
    if (done) insert("events", { id: `evt_${name}`, partner: "acme", ...event });
  }
  db.close();
}

it("a file of an earlier version keeps its claims, answers, nonces, names, history, lists and events", async () => {
  const path = databasePath();
  oldDatabase(path);
  const store = await openStore(path);
  expect(await store.begin(creation("a"))).toEqual({ kind: "replay", ...answer });
  expect(await store.begin(creation("b"))).toMatchObject({ kind: "in_flight", resourceId: "pay_b" });
  expect(await store.claimNonce("k1", "n1", nowMs + 9_000, nowMs)).toBe(false);
  expect(await store.claimNonce("k1", "n1", nowMs + 9_000, nowMs + 1_000)).toBe(true);
  expect(await store.resourceByHandle("bank", "handle-a")).toMatchObject({ id: "pay_a", version: 2, reference });
  expect(await store.resourceByReference(reference)).toMatchObject({ id: "pay_a" });
  expect(await store.resourceByReference("ref-b")).toMatchObject({ id: "pay_b", status: "pending" });
  expect((await store.transitions("pay_a")).map(({ version, to }) => [version, to])).toEqual([
    [1, "pending"],
    [2, "succeeded"],
  ]);
  await store.complete(completion("b", { resource: { ...completion("b").resource!, handles: [] } }));
  await store.begin(creation("c"));
  const ids = (await store.resources("acme", "payments", { limit: 9 })).map(({ id }) => id);
  expect(ids).toEqual(["pay_a", "pay_b", "pay_c"]);
  expect(await store.events("acme", {}, { limit: 9 })).toMatchObject([{ id: "evt_a", data: "told" }]);
  const retention = { resourcesMs: 1, finalStatuses: { payments: ["succeeded"] } };
  expect(await store.prune(nowMs + claimMs - 1, retention)).toMatchObject({ claims: 0, resources: 0 });
  expect(await store.prune(nowMs + claimMs, retention)).toMatchObject({ claims: 3, resources: 2 });
});
