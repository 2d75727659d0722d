/** A vendor that dies is left alone at once, and only it; when it is back, one call finds out. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { outboundLimits as limits } from "#outbound";
import type { BreakerState } from "#outbound";
import type { Answered } from "../../../mocks/partner/client.ts";
import { openRoad, until } from "../setup.fixture.ts";
import type { Road } from "../setup.fixture.ts";
import { callVendor, instalment, vendorNames } from "./vendors.fixture.ts";

const victim = "tencent-faceid";
const group = "identity";
const others = vendorNames.filter((name) => name !== victim);
/** Good answers of the victim's before it dies, and how many failures outweigh them within the breaker's window. */
const good = 3;
const enough = Math.max(good + 1, limits.breakerMinimumCalls);

interface Breaker {
  adapter: string;
  group: string;
  state: BreakerState;
}

let road: Road;
/** What each answers when it is well. */
const well = new Map<string, number>();
/** What its failure takes while its breaker is still closed: three attempts. */
let triedMs: number;

const ask = (): Promise<Answered> => callVendor(road.a, victim);
const middle = (answers: Answered[]): number =>
  answers.map(({ durationMs }) => durationMs).toSorted((a, b) => a - b)[Math.floor(answers.length / 2)] ?? 0;

async function breakers(): Promise<Breaker[]> {
  const answer = await fetch(`${road.admin}/breakers`);
  return ((await answer.json()) as { data: Breaker[] }).data;
}
async function stateOf(adapter: string, ofGroup: string): Promise<BreakerState | undefined> {
  return (await breakers()).find((one) => one.adapter === adapter && one.group === ofGroup)?.state;
}
async function gauge(): Promise<number> {
  const text = await (await fetch(`${road.admin}/metrics`)).text();
  const line = new RegExp(`^qiao_breaker_state\\{adapter="${victim}",group="${group}"\\} (\\d)$`, "m").exec(text);
  return Number(line?.[1]);
}
const attempts = async (answer: Answered): Promise<number> => {
  const transcripts = await fetch(`${road.admin}/transcripts/${answer.headers["request-id"]}`);
  return ((await transcripts.json()) as { data: unknown[] }).data.length;
};

/** Several calls, one after the other. */
async function several(times: number, call: () => Promise<Answered>): Promise<Answered[]> {
  const answers: Answered[] = [];
  for (let nth = 1; nth <= times; nth += 1) answers.push(await call());
  return answers;
}

beforeAll(async () => {
  road = await openRoad({ adapters: vendorNames });
  for (const name of vendorNames) {
    const { status } = await callVendor(road.a, name);
    expect([200, 201, 202], name).toContain(status);
    well.set(name, status);
  }
  await several(good - 1, ask);
});
afterAll(() => road.close());

describe("a vendor that died", () => {
  it("is tried, and given up after a few calls", async () => {
    await road.mock(victim).kill();
    const tried: Answered[] = [];
    while ((await stateOf(victim, group)) !== "open" && tried.length < enough) tried.push(await ask());
    for (const answer of tried) {
      expect(answer.status).toBe(503);
      expect(answer.body).toMatchObject({ code: "vendor_unavailable", origin: "vendor", retry: "after" });
      expect(Number(answer.headers["retry-after"])).toBeGreaterThanOrEqual(1);
    }
    expect(await attempts(tried[0] as Answered)).toBe(limits.maxAttempts);
    expect(await stateOf(victim, group)).toBe("open");
    triedMs = middle(tried);
    expect(await gauge()).toBe(2);
  });

  it("is not asked while the breaker is open: the answer comes at once, to every partner", async () => {
    const refused = await several(9, ask);
    refused.push(await callVendor(road.b, victim));
    for (const answer of refused) {
      expect(answer.status).toBe(503);
      expect(answer.body).toMatchObject({ code: "vendor_unavailable", origin: "vendor", retry: "after" });
      const wait = Number(answer.headers["retry-after"]);
      expect(wait).toBeGreaterThanOrEqual(1);
      expect(wait).toBeLessThanOrEqual(limits.breakerResetMs / 1_000);
      expect(await attempts(answer)).toBe(0);
    }
    expect(middle(refused)).toBeLessThan(100);
    expect(middle(refused)).toBeLessThan(triedMs);
  });

  it("leaves the others as they were", async () => {
    for (const name of others) {
      const answers = await several(3, () => callVendor(road.a, name));
      expect(new Set(answers.map(({ status }) => status)), name).toEqual(new Set([well.get(name)]));
    }
    const open = (await breakers()).filter(({ state }) => state !== "closed");
    expect(open).toEqual([{ adapter: victim, group, state: "open" }]);
    const known = new Set((await breakers()).map(({ adapter }) => adapter));
    expect([...known].toSorted()).toEqual(vendorNames.toSorted());
  });

  it("and came back is found by one call, and then serves everybody", async () => {
    await road.mock(victim).revive();
    expect((await ask()).status).toBe(503);
    await until("half open", async () => (await stateOf(victim, group)) === "half_open", 2 * limits.breakerResetMs);
    expect(await gauge()).toBe(1);
    const before = road.mock(victim).exchanges.length;
    const asked = (): number => road.mock(victim).exchanges.length - before;
    const probe = road.a.request("POST", "/v1/identity-checks", { body: check("李四慢速") });
    await until("the probe is under way", () => asked() === 1);
    expect((await several(4, ask)).map(({ status }) => status)).toEqual([503, 503, 503, 503]);
    expect(asked()).toBe(1);
    expect((await probe).status).toBe(201);
    expect([await stateOf(victim, group), await gauge()]).toEqual(["closed", 0]);
    expect((await several(3, ask)).map(({ status }) => status)).toEqual([201, 201, 201]);
  });
});

describe("a no of a vendor's", () => {
  it.each([
    ["a buyer without funds", "/v1/instalments", () => instalment("2088000000000003"), 422],
    ["a customer on the refusal list", "/v1/customer-accounts", () => customer("Refused"), 422],
    ["a person who does not match", "/v1/identity-checks", () => check("李四不符"), 201],
  ])("%s, however often, opens nothing", async (_what, path, body, status) => {
    const answers = await several(3 * limits.breakerMinimumCalls, () => road.a.request("POST", path, { body: body() }));
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([status]));
    expect((await breakers()).filter(({ state }) => state !== "closed")).toEqual([]);
  });
});

function check(name: string): Record<string, unknown> {
  return { type: "id_two_factor", name, nationalId: "11010519491231002X" };
}

function customer(name: string): Record<string, unknown> {
  const reference = `r-${Math.random()}`;
  return { name, nationalId: "11010519491231002X", phone: "+8613800138000", reference };
}
