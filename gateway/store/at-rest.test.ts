import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { sealer } from "./seal.ts";
import { databasePath, newKey, oldKey, openStore } from "./sqlite-setting.fixture.ts";
import { answer, callback, completion, creation, endpointOf, nowMs, payment } from "./suite-samples.ts";

const canary = "CANARY-11010519491231002X";
const spread = [canary, Buffer.from(canary).toString("base64"), Buffer.from(canary).toString("hex")];

/** Everything that lies in the database's folder: the file, its WAL and its index. */
function bytesAtRest(path: string): { names: string[]; text: string } {
  const names = readdirSync(dirname(path));
  return { names, text: names.map((name) => readFileSync(join(dirname(path), name), "latin1")).join("") };
}

describe("at rest", () => {
  it("no body, state, answer, header, reference, handle, key or fingerprint lies in plain text", async () => {
    const path = databasePath();
    const store = await openStore(path);
    const fingerprint = "ab".repeat(32);
    const resource = payment("a", { body: { payer: canary }, reference: `ref-${canary}` });
    const key = `key-${canary}`;
    await store.begin(creation("a", { key, fingerprint, resource }));
    const sealedAnswer = { ...answer, headers: { "x-payer": canary }, body: Buffer.from(canary) };
    const moved = { ...completion("a").resource!, body: [canary], state: canary, handles: [`handle-${canary}`] };
    await store.complete(completion("a", { key, answer: sealedAnswer, resource: moved }));
    expect(await store.resourceByHandle("bank", `handle-${canary}`)).toMatchObject({ body: [canary], state: canary });

    const open = bytesAtRest(path);
    expect(open.names.toSorted()).toEqual(["store.sqlite", "store.sqlite-shm", "store.sqlite-wal"]);
    expect(open.text).toContain("payments.create");
    for (const text of [...spread, fingerprint]) expect(open.text).not.toContain(text);
    await store.close();
    const closed = bytesAtRest(path);
    expect(closed.text).toContain("payments.create");
    for (const text of [...spread, fingerprint]) expect(closed.text).not.toContain(text);
  });

  it("no event data, endpoint URL, description or secret, quarantined request or digest lies in plain text", async () => {
    const path = databasePath();
    const store = await openStore(path);
    const secrets = [{ secret: `whsec_${canary}`, createdAtMs: nowMs }];
    const hook = endpointOf("a", { url: `https://a.example/${canary}`, description: canary, secrets });
    await store.addEndpoint(hook);
    await store.changeEndpoint("whe_a", { url: `${hook.url}/2`, description: `${canary}2`, secrets }, nowMs);
    await store.begin(creation("a"));
    await store.advance({ ...callback("a", 1), event: { id: "evt_1", type: "payment.paid", data: { canary } } });
    const digest = "cd".repeat(32);
    const row = { id: "qua_1", adapter: "bank", why: "unmatched", digest, request: { canary }, firstAtMs: nowMs };
    await store.quarantine(row);
    expect(await store.event("evt_1")).toMatchObject({ data: { canary } });
    expect(await store.endpoint("whe_a")).toMatchObject({ url: `${hook.url}/2`, description: `${canary}2`, secrets });
    expect(await store.quarantined({ limit: 1 })).toMatchObject([{ digest, request: { canary } }]);
    for (const text of [...spread, digest]) expect(bytesAtRest(path).text).not.toContain(text);
    await store.close();
    const closed = bytesAtRest(path).text;
    expect(closed).toContain("payment.paid");
    for (const text of [...spread, digest]) expect(closed).not.toContain(text);
  });

  it("after rotation old rows open, lookups find them, and new ones are sealed with the new key", async () => {
    const path = databasePath();
    const before = await openStore(path);
    await before.begin(creation("a"));
    await before.complete(completion("a"));
    await before.close();

    const rotated = await openStore(path, { sealer: sealer({ keys: [newKey, oldKey] }) });
    expect(await rotated.begin(creation("a"))).toEqual({ kind: "replay", ...answer });
    expect(await rotated.resourceByReference("ref-a")).toMatchObject({ id: "pay_a" });
    expect(await rotated.resourceByHandle("bank", "handle-a")).toMatchObject({ id: "pay_a" });
    const twin = creation("b", { resource: payment("b", { reference: "ref-a" }) });
    await expect(rotated.begin(twin)).rejects.toMatchObject({ code: "conflict" });
    await rotated.begin(creation("b"));
    await rotated.close();

    const unrotated = await openStore(path);
    expect(await unrotated.resource("pay_a")).toMatchObject({ reference: "ref-a" });
    await expect(unrotated.resource("pay_b")).rejects.toMatchObject({ code: "wrong_key" });
    await expect(unrotated.resource("pay_b")).rejects.toThrow(newKey.id);
  });

  it.each([
    ["another key under the same id", [{ ...oldKey, key: newKey.key }]],
    ["only the new key, so that lookups would miss", [newKey]],
    ["the new key last, so that lookups would miss", [oldKey, newKey]],
  ])("refuses to open with %s", async (_what, keys) => {
    const path = databasePath();
    const store = await openStore(path);
    await store.begin(creation("a"));
    await store.close();
    await expect(openStore(path, { sealer: sealer({ keys }) })).rejects.toMatchObject({ code: "wrong_key" });
    const reopened = await openStore(path);
    expect(await reopened.resource("pay_a")).toMatchObject({ reference: "ref-a" });
    await reopened.close();
    const right = { ...newKey, key: Buffer.alloc(32, 3).toString("base64url") };
    await openStore(path, { sealer: sealer({ keys: [right, oldKey] }) });
  });

  it("a value moved to another row does not open", async () => {
    const path = databasePath();
    const store = await openStore(path);
    await store.begin(creation("a"));
    await store.begin(creation("b"));
    const db = new DatabaseSync(path);
    db.exec("UPDATE resources SET body = (SELECT body FROM resources WHERE id = 'pay_a') WHERE id = 'pay_b'");
    db.close();
    await expect(store.resource("pay_b")).rejects.toMatchObject({ code: "unreadable" });
    expect(await store.resource("pay_a")).toMatchObject({ id: "pay_a" });
  });
});
