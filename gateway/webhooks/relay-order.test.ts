import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { StoreError } from "#store";
import { deliver, ids, ok, openSink, openStore, register, statusOf, tell, until, hasty } from "./outbox.fixture.ts";

describe("order and sharing", () => {
  it("events of one resource arrive in their order, while another's overtake", async () => {
    const store = await openStore();
    let broken = true;
    const sink = await openSink((response, { headers }) =>
      response.writeHead(broken && headers["webhook-id"] === "evt_one-2" ? 500 : 200).end(),
    );
    await register(store, "a", sink.origin);
    await tell(store, "one", 3);
    await tell(store, "two", 1);
    deliver(store, { ...hasty, retryDelaysMs: Array.from({ length: 40 }, () => 20) });
    await until("the other resource's", () => ids(sink.arrived).includes("evt_two-2"));
    await until("some attempts", () => sink.arrived.length > 4);
    expect(ids(sink.arrived)).not.toContain("evt_one-3");
    broken = false;
    await until("the last", () => ids(sink.arrived).includes("evt_one-4"));
    expect(ids(sink.arrived).filter((id) => id !== "evt_two-2" && id !== "evt_one-2")).toEqual([
      "evt_one-3",
      "evt_one-4",
    ]);
  });

  it("one that is given up lets the next one of its resource go", async () => {
    const store = await openStore();
    const sink = await openSink((response, { headers }) =>
      response.writeHead(headers["webhook-id"] === "evt_one-2" ? 500 : 200).end(),
    );
    await register(store, "a", sink.origin);
    await tell(store, "one", 2);
    deliver(store);
    await until("the next", async () => (await statusOf(store, "evt_one-3"))[0] === "delivered");
    expect(await statusOf(store, "evt_one-2")).toEqual(["given_up"]);
  });

  it("two relays on one store deliver each event once", async () => {
    const store = await openStore();
    const sink = await openSink((response) => void setTimeout(() => response.writeHead(200).end(), 5));
    await register(store, "a", sink.origin);
    await Promise.all(Array.from({ length: 60 }, (_, n) => tell(store, `r${n}`)));
    const first = deliver(store);
    const second = deliver(store);
    await until("all", async () => (await store.backlog(Date.now())).pending === 0);
    expect(new Set(ids(sink.arrived)).size).toBe(60);
    expect(sink.arrived.length).toBe(60);
    await until("reported", () => first.reports.length + second.reports.length === 60);
  });

  it("an attempt that could not be recorded is made again under the same id when its lease has run out", async () => {
    const store = await openStore();
    const sink = await openSink(ok);
    await register(store, "a", sink.origin);
    await tell(store, "one");
    let away = true;
    const settleDelivery: typeof store.settleDelivery = (input) =>
      away ? Promise.reject(new StoreError("store_unavailable", "away")) : store.settleDelivery(input);
    const { faults } = deliver(store, { ...hasty, leaseMs: 500 }, { store: { settleDelivery } });
    await until("the first", () => sink.arrived.length === 1);
    await until("told", () => faults.length === 1);
    away = false;
    await until("the second", () => sink.arrived.length === 2);
    await until("delivered", async () => (await statusOf(store, "evt_one-2"))[0] === "delivered");
    expect(ids(sink.arrived)).toEqual(["evt_one-2", "evt_one-2"]);
  });

  it("goes on when the store was away", async () => {
    const store = await openStore();
    const sink = await openSink(ok);
    await register(store, "a", sink.origin);
    await tell(store, "one");
    let away = 2;
    const dueDeliveries: typeof store.dueDeliveries = (input) => {
      away -= 1;
      return away >= 0 ? Promise.reject(new StoreError("store_busy", "busy")) : store.dueDeliveries(input);
    };
    const { faults } = deliver(store, { ...hasty, pauseAfterFaultMs: 20 }, { store: { dueDeliveries } });
    await until("delivered", () => sink.arrived.length === 1);
    expect(faults.length).toBe(2);
  });

  it("stop lets the attempts under way be recorded and leases nothing more", async () => {
    const store = await openStore();
    const sink = await openSink((response) => void setTimeout(() => response.writeHead(200).end(), 100));
    await register(store, "a", sink.origin);
    await tell(store, "one", 2);
    const { relay } = deliver(store);
    await until("under way", () => sink.arrived.length === 1);
    await relay.stop();
    expect(await statusOf(store, "evt_one-2")).toEqual(["delivered"]);
    await sleep(150);
    expect(ids(sink.arrived)).toEqual(["evt_one-2"]);
  });
});
