/** Which adapter serves a call, and when the next one on the route may. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startMock } from "#mocks";
import type { RunningMock } from "#mocks";
import { createRouting } from "../../../gateway/routing/index.ts";
import type { Answered } from "../../../mocks/partner/client.ts";
import { exchangesOf } from "../setup.fixture.ts";
import { makeAdapters } from "./folder.fixture.ts";
import type { AdapterFolders } from "./folder.fixture.ts";
import { calls, gatewayConfig, openGateway } from "./gateway.fixture.ts";
import type { TestGateway, TestGatewayOptions } from "./gateway.fixture.ts";
import { deadOrigin } from "./raw-vendor.fixture.ts";
import { signed, vendorMock } from "./vendor.fixture.ts";

const faults = ["good", "reset", "lost", "busy", "no_money"];
const names = ["alpha", "beta"] as const;
type Name = (typeof names)[number];

let folders: AdapterFolders;
let mocks: Record<Name, RunningMock>;
/** One gateway for each configuration. */
const gateways = new Map<string, TestGateway>();
let before: Record<Name, number>;
let dead: string;

const refusals: Record<string, string> = { busy: "BUSY", no_money: "NO_MONEY" };

async function play(adapter: Name): Promise<RunningMock> {
  const ledger = new Set<string>();
  const { adaptersDir } = folders;
  // Only alpha has trouble: beta answers well whatever it is asked.
  const instead = (_request: unknown, operation: string) => {
    const code = refusals[operation.split(".")[1] ?? ""];
    return adapter === "alpha" && code !== undefined ? signed(400, { error_code: code }) : undefined;
  };
  return startMock(vendorMock({ adapter, adaptersDir, ledger, instead, well: adapter === "beta" }));
}

beforeAll(async () => {
  folders = await makeAdapters(names, faults);
  dead = await deadOrigin();
  mocks = { alpha: await play("alpha"), beta: await play("beta") };
});
beforeEach(() => {
  before = { alpha: mocks.alpha.exchanges.length, beta: mocks.beta.exchanges.length };
});
afterAll(async () => {
  await Promise.all([...gateways.values()].map((gateway) => gateway.stop()));
  await Promise.all(names.map((name) => mocks[name].stop()));
  await folders.remove();
});

async function open(routes: TestGatewayOptions["routes"], origins: Partial<Record<Name, string>> = {}) {
  const adapters = Object.fromEntries(
    names.map((name) => [name, { ...mocks[name].config, faults, baseUrl: origins[name] ?? mocks[name].origin }]),
  );
  const key = JSON.stringify([routes, origins]);
  const gateway = gateways.get(key) ?? (await openGateway({ folders, adapters, routes: routes ?? [] }));
  gateways.set(key, gateway);
  return gateway;
}

const asked = (): Record<Name, number> => ({
  alpha: mocks.alpha.exchanges.length - before.alpha,
  beta: mocks.beta.exchanges.length - before.beta,
});
/** B before A by its priority, for everybody but one partner. */
const byPriority: TestGatewayOptions["routes"] = [
  { capability: "instalments", adapters: [{ name: "alpha", priority: 2 }, { name: "beta" }] },
  { capability: "instalments", partner: "partner-b", adapters: [{ name: "alpha" }] },
];
const inTurn: TestGatewayOptions["routes"] = [
  { capability: "instalments", adapters: [{ name: "beta", priority: 2 }, { name: "alpha" }] },
];

async function attemptsOf({ partner: _partner, admin }: TestGateway, answer: Answered): Promise<string[]> {
  const transcripts = await admin<{ adapter: string }>(`/transcripts/${answer.headers["request-id"]}`);
  return transcripts.map(({ adapter }) => adapter);
}

describe("a route", () => {
  it("asks in the order of priority; without one, by name", async () => {
    const { partner } = await open(byPriority);
    expect((await calls.once(partner, "good")).status).toBe(201);
    expect(asked()).toEqual({ alpha: 0, beta: 1 });
    expect((await calls.charged(partner, "good")).status).toBe(201);
    expect(asked()).toEqual({ alpha: 1, beta: 1 });
  });

  it("that names a partner is that partner's; the general one is everybody else's", async () => {
    const { other } = await open(byPriority);
    expect((await calls.once(other, "good")).status).toBe(201);
    expect(asked()).toEqual({ alpha: 1, beta: 0 });
  });

  it("shares out by weight within a priority", async () => {
    const adapters = [
      { name: "alpha", weight: 3 },
      { name: "beta", weight: 1 },
    ];
    const { input } = await gatewayConfig(folders, {}, [{ capability: "instalments", adapters }]);
    const loaded = names.map((name) => ({ manifest: { name, capabilities: { instalments: { create: "" } } } }));
    // Park and Miller's generator: the same shares in every run.
    let seed = 42;
    const random = (): number => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
    const routing = createRouting(input as never, loaded as never, random);
    const picks = Array.from({ length: 4_000 }, () => routing.candidates("instalments.create", "partner-a")[0]);
    const share = picks.filter((adapter) => adapter?.manifest.name === "alpha").length / picks.length;
    expect(share).toBeGreaterThan(0.72);
    expect(share).toBeLessThan(0.78);
  });
});

describe("the next adapter on the route", () => {
  it("serves when the first surely got nothing, and keeps the resource", async () => {
    const road = await open(inTurn, { alpha: dead });
    const created = await calls.once(road.partner, "good");
    expect(created.status).toBe(201);
    expect(await attemptsOf(road, created)).toEqual(["alpha", "alpha", "alpha", "beta"]);
    expect(road.lines.at(-1)).toMatchObject({ adapter: "beta", outcome: "done" });
    const read = await road.partner.request("GET", created.headers["location"] ?? "");
    expect(read.body).toMatchObject({ status: "paid" });
    expect(asked()).toEqual({ alpha: 0, beta: 2 });
    expect(exchangesOf(mocks.beta, "status").length).toBeGreaterThan(0);
  });

  it("serves when the first says that it did nothing", async () => {
    const { partner } = await open(inTurn);
    expect((await calls.once(partner, "busy")).status).toBe(201);
    expect(asked()).toEqual({ alpha: 3, beta: 1 });
  });

  it("serves at once while the first's breaker is open", async () => {
    const road = await open(inTurn, { alpha: dead });
    for (let nth = 1; nth <= 5; nth += 1) await calls.once(road.partner, "good");
    const served = await calls.once(road.partner, "good");
    expect(served.status).toBe(201);
    expect(await attemptsOf(road, served)).toEqual(["beta"]);
  });

  it("is not asked when the first may have done it: the outcome is unknown, and the first is asked about it", async () => {
    const { partner } = await open(inTurn);
    const unknown = await calls.once(partner, "reset");
    expect(unknown.status).toBe(202);
    expect(asked()).toEqual({ alpha: 1, beta: 0 });
    const read = await partner.request("GET", unknown.headers["location"] ?? "");
    expect(read.body).toMatchObject({ status: "paid" });
    expect(asked()).toEqual({ alpha: 2, beta: 0 });
  });

  it("is not asked when the first said no", async () => {
    const { partner } = await open(inTurn);
    const refused = await calls.once(partner, "no_money");
    expect(refused.body).toMatchObject({ code: "insufficient_funds", origin: "vendor", vendor: { adapter: "alpha" } });
    expect(asked()).toEqual({ alpha: 1, beta: 0 });
  });

  it("is asked for a quote whatever became of the first, as the contract says", async () => {
    const { partner } = await open(inTurn);
    expect((await calls.read(partner, faults, "reset")).status).toBe(200);
    expect(asked()).toEqual({ alpha: 3, beta: 1 });
  });
});

describe("what no adapter offers", () => {
  it("is refused with the reason of the manifest, and nothing is asked", async () => {
    const { partner } = await open(byPriority);
    const created = await calls.once(partner, "good");
    const { id } = created.body as { id: string };
    const answer = await partner.request("POST", `/v1/instalments/${id}/cancel`, { body: {} });
    expect(answer.status, answer.text).toBe(501);
    expect(answer.body).toMatchObject({ code: "operation_unsupported", retry: "never" });
    expect(answer.text).toContain("cannot take anything back");
    expect((await partner.request("GET", "/v1/customer-accounts")).status).toBe(501);
    expect(asked()).toEqual({ alpha: 0, beta: 1 });
  });

  it("stands in the capability matrix with the reason", async () => {
    const { partner } = await open(byPriority);
    const { data } = (await partner.request("GET", "/v1/capabilities")).body as { data: Record<string, unknown>[] };
    const lines = data.filter(({ operation }) => operation === "instalments.cancel");
    expect(lines.map(({ adapter, support, why }) => [adapter, support, typeof why])).toEqual([
      ["alpha", "unsupported", "string"],
      ["beta", "unsupported", "string"],
    ]);
  });
});
