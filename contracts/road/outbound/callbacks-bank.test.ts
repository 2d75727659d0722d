/** The customer's way back from the bank: a code is redeemed once, a refusal is believed, and neither goes on to the partner. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { exchangesOf, openRoad } from "../setup.fixture.ts";
import type { Road } from "../setup.fixture.ts";
import { atOnce, callBack, historyOf } from "./callbacks.fixture.ts";
import { callVendor } from "./vendors.fixture.ts";

const bank = "openbanking-uk";
const made = ["unknown created", "awaiting_authorisation answer"];
/** Of the contract's example, by which the consent is asked for. */
const returnUrl = "https://partner.example/consent/return";

let road: Road;

beforeAll(async () => {
  road = await openRoad({ adapters: [bank] });
});
afterAll(() => road.close());

interface Visit {
  id: string;
  /** The query that the bank sends the customer back with. */
  query: URLSearchParams;
}

/** A consent, and the customer at the bank who decides. */
async function decide(decision: "approve" | "deny"): Promise<Visit> {
  const created = await callVendor(road.a, bank);
  const { id, authorisationUrl } = created.body as { id: string; authorisationUrl: string };
  const page = await fetch(authorisationUrl, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: `decision=${decision}`,
    redirect: "manual",
  });
  const location = new URL(page.headers.get("location") ?? "");
  expect(location.origin + location.pathname).toBe(`${road.origin}/callbacks/${bank}`);
  return { id, query: location.searchParams };
}

const comeBack = (query: URLSearchParams | string, method = "GET") =>
  callBack(road, `${bank}?${query.toString()}`, { method });
const changed = (query: URLSearchParams, more: Record<string, string | undefined>): URLSearchParams => {
  const copy = new URLSearchParams(query);
  for (const [name, value] of Object.entries(more)) {
    if (value === undefined) copy.delete(name);
    else copy.set(name, value);
  }
  return copy;
};
const redeemed = (): number => exchangesOf(road.mock(bank), "TokenAuthorizationCode").length;

describe("a customer who agreed", () => {
  it("comes back to the partner with the consent's id and nothing else", async () => {
    const { id, query } = await decide("approve");
    const code = query.get("code") ?? "";
    expect(code.length).toBeGreaterThan(20);
    const answer = await comeBack(query);
    expect(answer.status).toBe(303);
    expect(answer.headers.get("location")).toBe(`${returnUrl}?consentId=${id}`);
    expect(answer.headers.get("referrer-policy")).toBe("no-referrer");
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(answer.text + [...answer.headers].flat().join(" ")).not.toContain(code);
    expect(JSON.stringify(road.lines)).not.toContain(code);
    const accounts = await road.a.request("GET", `/v1/bank-accounts?consentId=${id}`);
    expect(accounts.status).toBe(200);
    expect(historyOf(road, id)).toEqual([...made, "authorised callback"]);
  });

  it("and reloads the page twenty times at once redeems the code once, and everything holds", async () => {
    const { id, query } = await decide("approve");
    const before = redeemed();
    const answers = await atOnce(20, () => comeBack(query));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([303]));
    expect((await comeBack(query)).status).toBe(303);
    expect(redeemed() - before).toBe(1);
    expect(historyOf(road, id)).toEqual([...made, "authorised callback"]);
    expect((await road.a.request("GET", `/v1/bank-accounts?consentId=${id}`)).status).toBe(200);
  });
});

describe("a customer who declined", () => {
  it("comes back to the partner too, and the consent is rejected", async () => {
    const { id, query } = await decide("deny");
    expect(query.get("error")).toBe("access_denied");
    const answer = await comeBack(query);
    expect(answer.status).toBe(303);
    expect(answer.headers.get("location")).toBe(`${returnUrl}?consentId=${id}`);
    expect(historyOf(road, id)).toEqual([...made, "rejected callback"]);
    const read = await road.a.request("GET", `/v1/consents/${id}`);
    expect(read.body).toMatchObject({ status: "rejected", failure: { code: "authorisation_declined" } });
  });
});

describe("a return that is not to be believed", () => {
  it.each<[string, (query: URLSearchParams) => URLSearchParams | string, string?]>([
    ["for another customer's state", (query) => changed(query, { state: `consents.${"0".repeat(32)}` })],
    ["with a state that is none of ours", (query) => changed(query, { state: "x" })],
    ["without a state", (query) => changed(query, { state: undefined })],
    ["of another bank", (query) => changed(query, { iss: "https://bank.example" })],
    ["without its bank's name", (query) => changed(query, { iss: undefined })],
    ["with neither code nor error", (query) => changed(query, { code: undefined })],
    ["with both", (query) => changed(query, { error: "access_denied" })],
    ["with two codes", (query) => `${query.toString()}&code=${query.get("code")}`],
    ["by POST", (query) => query, "POST"],
  ])("%s moves nothing and leads nowhere", async (_what, forge, method = "GET") => {
    const { id, query } = await decide("approve");
    const before = redeemed();
    const answer = await comeBack(forge(query), method);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect(answer.headers.get("location")).toBeNull();
    expect(answer.text).not.toContain(query.get("code"));
    expect(redeemed()).toBe(before);
    expect(historyOf(road, id)).toEqual(made);
    expect((await comeBack(query)).status).toBe(303);
    expect(historyOf(road, id)).toEqual([...made, "authorised callback"]);
  });

  it("with a code that the bank does not know authorises nothing", async () => {
    const { id, query } = await decide("approve");
    const guess = "A".repeat(32);
    const answer = await comeBack(changed(query, { code: guess }));
    expect(answer.text + [...answer.headers].flat().join(" ")).not.toContain(guess);
    expect(historyOf(road, id).some((step) => step.startsWith("authorised"))).toBe(false);
    expect((await road.a.request("GET", `/v1/bank-accounts?consentId=${id}`)).status).toBe(403);
  });
});
