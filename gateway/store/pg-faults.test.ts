import { randomUUID } from "node:crypto";
import { Client } from "pg";
import { expect, it, onTestFinished } from "vitest";
import { describeOnPostgres, openPostgres, query, serverUrl, sharedSchema } from "./pg-setting.fixture.ts";
import { databaseProxy } from "./pg-proxy.fixture.ts";
import { call, callback, completion, creation } from "./suite-samples.ts";

const emptySchema = sharedSchema();

const unknown = { code: "store_unavailable", effect: "unknown" };
const none = { code: "store_unavailable", effect: "none" };

describeOnPostgres("postgres: a connection that breaks", () => {
  it("an acknowledgement that is lost is said as unknown, and reading by key tells the truth", async () => {
    const proxy = await databaseProxy(await emptySchema());
    const store = await openPostgres(proxy.url);
    await store.begin(creation("first"));

    proxy.weather = "cut_after";
    await expect(store.begin(creation("a"))).rejects.toMatchObject(unknown);
    proxy.weather = "pass";
    expect(await store.begin(creation("a"))).toMatchObject({ kind: "in_flight", resourceId: "pay_a" });
    expect(await store.resource("pay_a")).toMatchObject({ version: 1 });

    proxy.weather = "cut_after";
    await expect(store.complete(completion("a"))).rejects.toMatchObject(unknown);
    proxy.weather = "pass";
    expect(await store.begin(creation("a"))).toMatchObject({ kind: "replay", status: 201 });
    await store.complete(completion("a"));
    expect((await store.transitions("pay_a")).length).toBe(2);
  });

  it("what never reached the server is not there, and is said as unknown at worst", async () => {
    const proxy = await databaseProxy(await emptySchema());
    const store = await openPostgres(proxy.url);
    await store.begin(call("a"));
    proxy.weather = "cut_before";
    await expect(store.begin(creation("b"))).rejects.toMatchObject(unknown);
    await expect(store.release(call("a"))).rejects.toMatchObject(none);
    proxy.weather = "pass";
    expect(await store.begin(creation("b"))).toEqual({ kind: "claimed" });
    expect(await store.begin(call("a"))).toMatchObject({ kind: "in_flight" });
  });

  it.each([
    ["cut_before", "SELECT version", none, "in_flight"],
    ["cut_after", "SELECT version", none, "in_flight"],
    ["cut_before", "COMMIT", unknown, "in_flight"],
    ["cut_after", "COMMIT", unknown, "claimed"],
  ] as const)("several statements, %s %s: unknown only from the commit on", async (weather, from, error, kind) => {
    const proxy = await databaseProxy(await emptySchema());
    const store = await openPostgres(proxy.url);
    await store.begin(creation("a"));
    Object.assign(proxy, { weather, from });
    await expect(store.release(call("a"))).rejects.toMatchObject(error);
    proxy.weather = "pass";
    expect(await store.begin(creation("a"))).toMatchObject({ kind });
  });

  it("connections that died while idle are replaced without anyone noticing", async () => {
    const url = new URL(await emptySchema());
    const name = `idle-${randomUUID()}`;
    url.searchParams.set("application_name", name);
    const store = await openPostgres(url.href);
    await store.begin(creation("a"));
    const kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1";
    expect((await query(serverUrl, kill, name)).length).toBeGreaterThan(0);
    await expect.poll(() => store.health().then(() => true)).toBe(true);
    expect(await store.resource("pay_a")).toMatchObject({ version: 1 });
    expect(await store.begin(creation("b"))).toEqual({ kind: "claimed" });
  });
});

describeOnPostgres("postgres: a database that is down", () => {
  it("is said at once, with no effect, and comes back by itself", async () => {
    const proxy = await databaseProxy(await emptySchema());
    const store = await openPostgres(proxy.url);
    await store.begin(creation("a"));
    await proxy.down();
    const beganMs = performance.now();
    await expect(store.health()).rejects.toMatchObject(none);
    await expect(store.begin(creation("b"))).rejects.toMatchObject(none);
    await expect(store.resource("pay_a")).rejects.toMatchObject(none);
    expect(performance.now() - beganMs).toBeLessThan(1_000);
    await proxy.up();
    await store.health();
    expect(await store.begin(creation("b"))).toEqual({ kind: "claimed" });
  });

  it("one that is there and says nothing is given up within the deadline, and so is opening", async () => {
    const proxy = await databaseProxy(await emptySchema());
    const limits = { queryTimeoutMs: 300, connectTimeoutMs: 300, deadlineMs: 2_000 };
    const store = await openPostgres(proxy.url, { limits });
    await store.begin(creation("a"));
    proxy.weather = "silent";
    const beganMs = performance.now();
    await expect(store.begin(creation("b"))).rejects.toMatchObject(unknown);
    await expect(store.health()).rejects.toMatchObject(none);
    await expect(openPostgres(proxy.url, { limits })).rejects.toMatchObject(none);
    expect(performance.now() - beganMs).toBeLessThan(4_000);
    proxy.weather = "pass";
    await expect.poll(() => store.begin(creation("b"))).toMatchObject({ kind: "in_flight", resourceId: "pay_b" });
  });
});

describeOnPostgres("postgres: a row that stays locked", () => {
  const locked = async (url: string, text: string): Promise<() => Promise<void>> => {
    const other = new Client({ connectionString: url });
    onTestFinished(() => other.end());
    await other.connect();
    await other.query("BEGIN");
    await other.query(text);
    return async () => void (await other.query("COMMIT"));
  };
  const limits = { lockTimeoutMs: 200 };

  it("delays its neighbours a little, reads not at all, and its own unit fails with no effect", async () => {
    const url = await emptySchema();
    const store = await openPostgres(url, { limits });
    await Promise.all(["a", "b", "c"].map((name) => store.begin(creation(name))));
    const unlock = await locked(url, "SELECT 1 FROM resources WHERE id = 'pay_b' FOR UPDATE");
    const beganMs = performance.now();
    const completed = Promise.allSettled(["a", "b", "c"].map((name) => store.complete(completion(name))));
    expect(await store.resource("pay_b")).toMatchObject({ version: 1 });
    expect(await store.begin(creation("d"))).toEqual({ kind: "claimed" });
    expect(performance.now() - beganMs).toBeLessThan(limits.lockTimeoutMs);
    const [a, b, c] = await completed;
    expect([a?.status, c?.status]).toEqual(["fulfilled", "fulfilled"]);
    expect(b).toMatchObject({ status: "rejected", reason: { code: "store_busy", effect: "none" } });
    expect(performance.now() - beganMs).toBeLessThan(2_000);
    await unlock();
    await store.complete(completion("b"));
    expect(await store.resource("pay_b")).toMatchObject({ version: 2 });
  });

  it("a table that stays locked fails everything within bounds, and all of it succeeds afterwards", async () => {
    const url = await emptySchema();
    const store = await openPostgres(url, { limits: { ...limits, retryWindowMs: 500 } });
    await store.begin(creation("a"));
    const unlock = await locked(url, "LOCK TABLE resources IN ACCESS EXCLUSIVE MODE");
    const beganMs = performance.now();
    const moves = Array.from({ length: 40 }, () => store.advance(callback("a", 1)));
    for (const move of await Promise.allSettled(moves)) {
      expect(move).toMatchObject({ status: "rejected", reason: { code: "store_busy", effect: "none" } });
    }
    expect(performance.now() - beganMs).toBeLessThan(2_000);
    await unlock();
    expect(await store.advance(callback("a", 1))).toBe(true);
  });
});
