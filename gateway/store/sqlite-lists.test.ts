import { describe, expect, it } from "vitest";
import { listEvery } from "./sqlite-lists.ts";
import { databasePath, openStore } from "./sqlite-setting.fixture.ts";
import type { Store } from "./store.ts";
import { callback, claimMs, creation, eventOf, nowMs, payment } from "./suite-samples.ts";

/** A row of numbers that is the same in every run (mulberry32). */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

async function everyPage(page: (afterId?: string) => Promise<{ id: string }[]>): Promise<string[]> {
  const ids: string[] = [];
  for (let rows = await page(); rows.length > 0; rows = await page(ids.at(-1))) ids.push(...rows.map(({ id }) => id));
  return ids;
}

const partners = ["acme", "globex", "initech"];
const limit = 37;
const after = (afterId?: string) => (afterId === undefined ? { limit } : { limit, afterId });

interface Made {
  name: string;
  partner: string;
  type: string;
  final: boolean;
}

/** Resources and events as their lists must show them, in order. */
async function expectLists(store: Store, rows: readonly Made[]): Promise<void> {
  for (const partner of partners) {
    const own = rows.filter((row) => row.partner === partner);
    const resources = await everyPage((id) => store.resources(partner, "payments", after(id)));
    expect(resources).toEqual(own.map(({ name }) => `pay_${name}`));
    const told = own.filter(({ final }) => final);
    const events = await everyPage((id) => store.events(partner, {}, after(id)));
    expect(events).toEqual(told.map(({ name }) => `evt_${name}-2`));
    for (const type of ["payment.paid", "payment.failed"]) {
      const ofType = await everyPage((id) => store.events(partner, { type }, after(id)));
      expect(ofType).toEqual(told.filter((row) => row.type === type).map(({ name }) => `evt_${name}-2`));
    }
  }
}

describe("sqlite: lists, which are written for many rows at a time", () => {
  it("show every row once and in order, whatever was made, given back or pruned, and after opening anew", async () => {
    const path = databasePath();
    const random = randomFrom(20_261_122);
    let store = await openStore(path);
    let rows: Made[] = [];
    for (let round = 0; round < 10; round += 1) {
      const fresh = Array.from({ length: 60 + random(90) }, (_, at) => ({
        name: `${round}-${at}`,
        partner: partners[random(partners.length)] ?? "",
        type: random(4) === 0 ? "payment.failed" : "payment.paid",
        final: false,
      }));
      const begin = ({ name, partner }: Made) =>
        store.begin(creation(name, { partner, resource: payment(name, { partner }) }));
      await Promise.all(fresh.map(begin));
      rows = [...rows, ...fresh];

      // Given back: some anywhere, and the last ones, whose numbers are given out again.
      const lastOnes = new Set(fresh.slice(-1 - random(5)).map(({ name }) => name));
      const gone = rows.filter(({ name, final }) => !final && (lastOnes.has(name) || random(12) === 0));
      for (const { name, partner } of gone.toReversed())
        await store.release({ partner, key: `key-${name}`, operationId: "payments.create" });
      rows = rows.filter((row) => !gone.includes(row));

      const moving = rows.filter(({ final }) => !final);
      await Promise.all(
        moving.map((row) => {
          row.final = true;
          return store.advance({ ...callback(row.name, 1), event: eventOf(row.name, 2, { type: row.type }) });
        }),
      );
      await expectLists(store, rows);
      if (round % 4 === 3) {
        await store.close();
        store = await openStore(path);
        await expectLists(store, rows);
      }
    }
    expect(rows.length).toBeGreaterThan(2 * listEvery);

    const retention = { eventsMs: 1, resourcesMs: 1, finalStatuses: { payments: ["settled"] } };
    const all = { events: rows.length, resources: rows.length };
    expect(await store.prune(nowMs + claimMs, retention)).toMatchObject(all);
    await expectLists(store, []);
    const [last] = [{ name: "last", partner: "acme", type: "payment.paid", final: true }];
    await store.begin(creation("last"));
    await store.advance({ ...callback("last", 1), event: eventOf("last", 2, { type: "payment.paid" }) });
    await expectLists(store, [last]);
  });
});
