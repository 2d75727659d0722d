/** A vendor that gives one number to two orders: what it did is not known, and the partner is told so, not that we failed. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { openWorld } from "./statuses/world.fixture.ts";
import type { World } from "./statuses/world.fixture.ts";

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

it("leaves the second order unknown, with an alarm that does not say the number", async () => {
  const { vendor, callers, requests, lines } = world;
  const handle = "order-4711";
  vendor.script.set("instalments.create", { status: "awaiting_payment", handle });
  vendor.script.set("instalments.get", { status: "paid", handle });
  const create = async () => {
    const { method, target, body } = await requests.good("instalments.create");
    return callers.full.request(method, target, { body });
  };
  const first = await create();
  expect(first).toMatchObject({ status: 201, body: { status: "awaiting_payment" } });
  const second = await create();
  expect(second).toMatchObject({ status: 202, body: { status: "unknown" } });
  const { id } = second.body as { id: string };
  expect(await callers.full.request("GET", `/v1/instalments/${id}`)).toMatchObject({
    status: 200,
    body: { status: "unknown" },
  });
  const alarms = lines.filter(({ alarm }) => alarm === "vendor names two resources by one handle");
  expect(alarms.length).toBeGreaterThanOrEqual(2);
  expect(alarms[0]).toMatchObject({ adapter: "scripted", id });
  expect(JSON.stringify(lines)).not.toContain(handle);
});
