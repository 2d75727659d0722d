import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import type { Worker } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import { spawnWorker } from "./sqlite.ts";
import { inMemory } from "./sqlite-port.ts";
import { databasePath, oldKey, openStore } from "./sqlite-setting.fixture.ts";
import { storeSuite } from "./suite.ts";
import { answer, creation, nowMs, payment } from "./suite-samples.ts";

storeSuite("sqlite file", () => openStore(databasePath()), { describe, it, expect });

it("in memory it needs no file, and is gone when closed", async () => {
  const store = await openStore(inMemory);
  expect(await store.begin(creation("a"))).toEqual({ kind: "claimed" });
  expect(await store.begin(creation("a"))).toMatchObject({ kind: "in_flight" });
  await store.close();
  expect(await (await openStore(inMemory)).begin(creation("a"))).toEqual({ kind: "claimed" });
  expect(existsSync(inMemory)).toBe(false);
});

describe("sqlite: durability", () => {
  it("what resolved is there after kill -9", async () => {
    const path = databasePath();
    const script = fileURLToPath(new URL("./sqlite-crash.fixture.ts", import.meta.url));
    const child = spawn(process.execPath, [script, path, JSON.stringify([oldKey])], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(child.stdout, "data");
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(child.signalCode).toBe("SIGKILL");

    const store = await openStore(path);
    expect(await store.begin(creation("a"))).toEqual({ kind: "replay", ...answer });
    expect(await store.begin(creation("b"))).toMatchObject({ kind: "in_flight", resourceId: "pay_b" });
    expect(await store.resourceByHandle("bank", "handle-a")).toMatchObject({ status: "succeeded", version: 2 });
    expect((await store.transitions("pay_a")).length).toBe(2);
  });

  it("a thread that dies fails its work clearly, and leaves the file whole", async () => {
    const path = databasePath();
    let worker: Worker | undefined;
    const store = await openStore(path, { spawn: (start) => (worker = spawnWorker(start)) });
    await store.begin(creation("a"));
    const underWay = store.begin(creation("b"));
    const refused = expect(underWay).rejects.toMatchObject({ code: "store_unavailable" });
    await worker?.terminate();
    await refused;
    await expect(store.health()).rejects.toMatchObject({ code: "store_unavailable", effect: "none" });
    await store.close();
    expect(await (await openStore(path)).begin(creation("a"))).toMatchObject({ kind: "in_flight" });
  });

  it("a full store refuses what is new and keeps what it has", async () => {
    const path = databasePath();
    const store = await openStore(path, { limits: { maxFileBytes: 400_000 } });
    const large = (name: string) => creation(name, { resource: payment(name, { body: "x".repeat(50_000) }) });
    const results = await Promise.allSettled(Array.from({ length: 20 }, (_, at) => store.begin(large(`${at}`))));
    const kept = results.flatMap((result, at) => (result.status === "fulfilled" ? [at] : []));
    const refusals = results.filter((result) => result.status === "rejected");
    expect(refusals.length).toBeGreaterThan(0);
    for (const refusal of refusals) expect(refusal.reason).toMatchObject({ code: "store_unavailable", effect: "none" });
    for (const at of kept) expect((await store.resource(`pay_${at}`))?.status).toBe("pending");
    await store.close();
    const roomier = await openStore(path);
    expect(await roomier.begin(large("19"))).toEqual({ kind: "claimed" });
    for (const at of kept) expect(await roomier.begin(large(`${at}`))).toMatchObject({ kind: "in_flight" });
  });
});

describe("sqlite: two on one file", () => {
  it("of 50 twins over both exactly one is claimed", async () => {
    const path = databasePath();
    const stores = [await openStore(path), await openStore(path)];
    const begun = Array.from({ length: 25 }, (_, at) =>
      stores.map((store, of) => store.begin(creation("a", { resource: payment(`${of}-${at}`) }))),
    );
    const kinds = (await Promise.all(begun.flat())).map((result) => result.kind);
    expect(kinds.filter((kind) => kind === "claimed").length).toBe(1);
    expect(kinds.filter((kind) => kind === "in_flight").length).toBe(49);
  });
});

describe("sqlite: limits", () => {
  /** Holds the write lock, as another process might. */
  const locked = (path: string) => {
    const other = new DatabaseSync(path);
    other.exec("BEGIN IMMEDIATE");
    return () => {
      other.exec("ROLLBACK");
      other.close();
    };
  };
  const turn = () => new Promise((resolve) => setTimeout(resolve, 20));

  it("a lock held longer than its patience is store_busy, and nothing was done", async () => {
    const path = databasePath();
    const store = await openStore(path, { limits: { busyTimeoutMs: 30 } });
    const unlock = locked(path);
    await expect(store.begin(creation("a"))).rejects.toMatchObject({ code: "store_busy", effect: "none" });
    unlock();
    expect(await store.begin(creation("a"))).toEqual({ kind: "claimed" });
  });

  it("at the deadline, what is under way is unknown and what waits is withdrawn", async () => {
    const path = databasePath();
    const store = await openStore(path, { limits: { deadlineMs: 400, busyTimeoutMs: 5_000 } });
    const unlock = locked(path);
    const underWay = store.begin(creation("a"));
    const late = expect(underWay).rejects.toMatchObject({ code: "store_unavailable", effect: "unknown" });
    await turn();
    const behind = store.begin(creation("b"));
    const withdrawn = expect(behind).rejects.toMatchObject({ code: "store_busy", effect: "none" });
    await late;
    await withdrawn;
    unlock();
    await expect
      .poll(() => store.resource("pay_a").catch(() => undefined), { timeout: 4_000 })
      .toMatchObject({ status: "pending" });
    expect(await store.begin(creation("a"))).toMatchObject({ kind: "in_flight" });
    expect(await store.begin(creation("b"))).toEqual({ kind: "claimed" });
  });

  it("a stall of the event loop turns no answer that is there into an unknown", async () => {
    const store = await openStore(databasePath(), { limits: { deadlineMs: 300 } });
    await store.begin(creation("a"));
    const begun = store.begin(creation("b"));
    await new Promise((resolve) => setImmediate(resolve));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 800);
    expect(await begun).toEqual({ kind: "claimed" });
  });

  it("more than may wait is refused at once, and those that wait are served", async () => {
    const path = databasePath();
    const store = await openStore(path, { limits: { maxQueuedUnits: 3 } });
    const unlock = locked(path);
    const underWay = store.begin(creation("first"));
    await turn();
    const more = Array.from({ length: 5 }, (_, at) => store.begin(creation(`${at}`)));
    const settled = Promise.allSettled([underWay, ...more]);
    await expect(more[3]).rejects.toMatchObject({ code: "store_busy", effect: "none" });
    await expect(more[4]).rejects.toMatchObject({ code: "store_busy", effect: "none" });
    unlock();
    const served = (await settled).filter((result) => result.status === "fulfilled");
    expect(served.map((result) => result.value.kind)).toEqual(Array(4).fill("claimed"));
  });
});

describe("sqlite: opening", () => {
  it("records each migration once, with WAL on", async () => {
    const path = databasePath();
    await (await openStore(path)).close();
    await (await openStore(path)).close();
    const db = new DatabaseSync(path);
    const files = readdirSync(new URL("./migrations/sqlite/", import.meta.url)).toSorted();
    const recorded = db.prepare("SELECT version, name FROM schema_migrations ORDER BY version").all();
    expect(recorded).toEqual(files.map((name, at) => ({ version: at + 1, name })));
    expect(db.prepare("PRAGMA journal_mode").get()).toMatchObject({ journal_mode: "wal" });
    db.close();
  });

  it.each([
    ["a newer schema", "INSERT INTO schema_migrations VALUES (9999, '9999_later.sql', '', 0)", "newer"],
    ["another text of a migration", "UPDATE schema_migrations SET digest = 'x'", "0001"],
  ])("refuses %s", async (_what, change, words) => {
    const path = databasePath();
    const store = await openStore(path);
    await store.begin(creation("a"));
    await store.close();
    const db = new DatabaseSync(path);
    db.exec(change);
    db.close();
    await expect(openStore(path)).rejects.toMatchObject({ code: "schema_mismatch", effect: "none" });
    await expect(openStore(path)).rejects.toThrow(words);
  });

  it("refuses a folder that is not there, and a file that is no database", async () => {
    await expect(openStore("/nowhere/store.sqlite")).rejects.toMatchObject({ code: "store_unavailable" });
    const path = databasePath();
    writeFileSync(path, "this is not a database, though it is long enough to be looked at ".repeat(20));
    await expect(openStore(path)).rejects.toMatchObject({ code: "store_unavailable" });
    expect(readFileSync(path, "utf8")).toContain("this is not a database");
  });

  it("keeps its file from other users", async () => {
    const path = databasePath();
    const store = await openStore(path);
    await store.claimNonce("k1", "n1", nowMs, nowMs - 1);
    for (const suffix of ["", "-wal", "-shm"]) expect(statSync(path + suffix).mode & 0o077).toBe(0);
  });
});
