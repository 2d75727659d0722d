import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { Client } from "pg";
import { expect, it, onTestFinished } from "vitest";
import { pickDueDeliveries } from "./pg-deliveries.ts";
import { leaseDueResources } from "./pg-recovery.ts";
import { describeOnPostgres, openPostgres, query, sharedSchema } from "./pg-setting.fixture.ts";
import { oldKey } from "./sqlite-setting.fixture.ts";
import { callback, completion, creation, nowMs, payment } from "./suite-samples.ts";

const emptySchema = sharedSchema();

const leaseUntilMs = nowMs + 60_000;
const names = Array.from({ length: 20 }, (_, at) => `p${at}`);

/** A transaction of another instance, open until the test ends. */
async function openTransaction(url: string): Promise<Client> {
  const other = new Client({ connectionString: url });
  await other.connect();
  onTestFinished(() => other.end());
  await other.query("BEGIN");
  return other;
}

describeOnPostgres("postgres: several instances on one database", () => {
  it("of 50 twins over two stores exactly one is claimed", async () => {
    const url = await emptySchema();
    const stores = [await openPostgres(url), await openPostgres(url)];
    const begun = Array.from({ length: 25 }, (_, at) =>
      stores.map((store, of) => store.begin(creation("a", { resource: payment(`${of}-${at}`) }))),
    );
    const results = await Promise.all(begun.flat());
    expect(results.filter(({ kind }) => kind === "claimed").length).toBe(1);
    expect(results.filter(({ kind }) => kind === "in_flight").length).toBe(49);
    const [row] = await query(url, "SELECT (SELECT count(*) FROM resources) AS resources, resource_id FROM claims");
    expect(row).toMatchObject({ resources: "1" });
    expect(results.find(({ kind }) => kind === "in_flight")).toMatchObject({ resourceId: row?.resource_id });
  });

  it("of 50 twins over two processes exactly one is claimed", async () => {
    const url = await emptySchema();
    const script = fileURLToPath(new URL("./pg-twins.fixture.ts", import.meta.url));
    const children = ["x", "y"].map((name) =>
      spawn(process.execPath, [script, name, url, JSON.stringify([oldKey])], { stdio: ["pipe", "pipe", "inherit"] }),
    );
    await Promise.all(children.map((child) => once(child.stdout, "data")));
    const answers = children.map(async (child) => String(((await once(child.stdout, "data")) as Buffer[])[0]));
    for (const child of children) child.stdin.write("go\n");
    const kinds = (await Promise.all(answers)).flatMap((text) => JSON.parse(text) as string[]);
    expect(kinds.filter((kind) => kind === "claimed").length).toBe(1);
    expect(kinds.filter((kind) => kind === "in_flight").length).toBe(49);
    expect(await query(url, "SELECT count(*) FROM resources")).toEqual([{ count: "1" }]);
  });

  it("batches that cross do not fail each other", async () => {
    const url = await emptySchema();
    const [one, other] = [await openPostgres(url), await openPostgres(url)];
    await Promise.all(names.map((name) => one.begin(creation(name))));
    const completed = [
      ...names.map((name) => one.complete(completion(name))),
      ...names.toReversed().map((name) => other.complete(completion(name))),
      ...names.map((name) => other.advance(callback(name, 1))),
      ...names.toReversed().map((name) => one.begin(creation(name))),
    ];
    expect((await Promise.allSettled(completed)).filter(({ status }) => status === "rejected")).toEqual([]);
    for (const name of names) {
      expect((await one.transitions(`pay_${name}`)).map((step) => step.version)).toEqual([1, 2]);
    }
  });

  it("resources to be asked about are shared: what one is leasing, another passes over", async () => {
    const url = await emptySchema();
    const [one, other] = [await openPostgres(url), await openPostgres(url)];
    await Promise.all(
      names.map((name, at) => one.begin(creation(name, { resource: payment(name, { askAtMs: nowMs + at }) }))),
    );
    const third = await openTransaction(url);
    const held = await third.query(leaseDueResources, [nowMs + 100, 5, leaseUntilMs]);
    expect(held.rows.length).toBe(5);
    const due = { nowMs: nowMs + 100, leaseUntilMs, limit: 10 };
    const leased = (await Promise.all([one, other].map((store) => store.dueResources(due)))).flat();
    await third.query("COMMIT");
    const ids = [...leased.map(({ resource }) => resource.id), ...held.rows.map((row: { id: string }) => row.id)];
    ids.push(...(await one.dueResources({ ...due, limit: 20 })).map(({ resource }) => resource.id));
    expect(ids.toSorted()).toEqual(names.map((name) => `pay_${name}`).toSorted());
    expect(await other.dueResources(due)).toEqual([]);
  });

  it("deliveries are shared, in order per resource, and an endpoint's next event is due when the first is settled", async () => {
    const url = await emptySchema();
    const [one, other] = [await openPostgres(url), await openPostgres(url)];
    const endpoint = { id: "whe_1", partner: "acme", url: "https://acme.test/", types: ["*"], secrets: [] };
    await one.addEndpoint({ ...endpoint, createdAtMs: nowMs });
    const event = (id: string) => ({ event: { id, type: "payment.settled", data: {} } });
    await Promise.all(
      names.map(async (name) => {
        await one.begin(creation(name));
        await one.advance({ ...callback(name, 1), ...event(`evt_${name}_2`) });
        await other.advance({ ...callback(name, 2), ...event(`evt_${name}_3`) });
      }),
    );
    const third = await openTransaction(url);
    const held = await third.query(pickDueDeliveries, [nowMs + 200, 5, []]);
    expect(held.rows.length).toBe(5);
    const due = { nowMs: nowMs + 200, leaseUntilMs, limit: 20 };
    const leased = (await Promise.all([one, other].map((store) => store.dueDeliveries(due)))).flat();
    expect(new Set(leased.map(({ event: { id } }) => id)).size).toBe(15);
    expect(leased.length).toBe(15);
    expect(leased.every(({ event: { version } }) => version === 2)).toBe(true);
    await third.query("ROLLBACK");

    const settled = leased.map(({ delivery: { id } }, at) =>
      (at % 2 === 0 ? one : other).settleDelivery({
        id,
        leaseUntilMs,
        attempt: { atMs: nowMs, durationMs: 3, status: 204 },
        outcome: "delivered",
        nowMs: nowMs + 300,
      }),
    );
    await Promise.all(settled);
    const next = await other.dueDeliveries({ nowMs: nowMs + 400, leaseUntilMs, limit: 50 });
    expect(next.map(({ event: { version } }) => version).toSorted()).toEqual([
      ...Array(5).fill(2),
      ...Array(15).fill(3),
    ]);
  });

  it("a delivery born while its queue's head is settled is never left behind", async () => {
    const url = await emptySchema();
    const [one, other] = [await openPostgres(url), await openPostgres(url)];
    const endpoint = { id: "whe_1", partner: "acme", url: "https://acme.test/", types: ["*"], secrets: [] };
    await one.addEndpoint({ ...endpoint, createdAtMs: nowMs });
    const event = (id: string) => ({ event: { id, type: "payment.settled", data: {} } });
    for (let round = 0; round < 10; round += 1) {
      const name = `r${round}`;
      await one.begin(creation(name));
      await one.advance({ ...callback(name, 1), ...event(`evt_${name}_2`) });
      const [head] = await one.dueDeliveries({ nowMs: nowMs + 200, leaseUntilMs, limit: 1 });
      await Promise.all([
        other.advance({ ...callback(name, 2), ...event(`evt_${name}_3`) }),
        one.settleDelivery({
          id: head?.delivery.id ?? "",
          leaseUntilMs,
          attempt: { atMs: nowMs, durationMs: 3, status: 204 },
          outcome: "delivered",
          nowMs: nowMs + 200,
        }),
      ]);
      const next = await other.dueDeliveries({ nowMs: nowMs + 300, leaseUntilMs, limit: 9 });
      expect(next.map(({ event: { id } }) => id)).toEqual([`evt_${name}_3`]);
    }
  });

  it("each opened store writes an evidence chain of its own, whole under concurrency", async () => {
    const url = await emptySchema();
    const stores = [await openPostgres(url), await openPostgres(url)];
    const entry = (at: number) => ({ atMs: nowMs, requestId: `req-${at}`, kind: "exchange" as const, facts: { at } });
    const heads = await Promise.all(
      stores.flatMap((store) => Array.from({ length: 30 }, (_, at) => store.appendAudit([entry(at), entry(at)]))),
    );
    const chains = await stores[0]?.chains();
    expect(chains?.length).toBe(2);
    for (const chain of chains ?? []) {
      const rows = (await stores[0]?.auditRows(chain, { limit: 200 })) ?? [];
      expect(rows.map((row) => row.number)).toEqual(Array.from({ length: 60 }, (_, at) => at + 1));
      expect(heads.filter((head) => head.chain === chain && head.hash === rows[head.number - 1]?.hash).length).toBe(30);
    }
  });
});
