import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Call, Output } from "#capability";
import { startMock } from "#mocks";
import type { RunningMock } from "#mocks";
import { bankAccounts } from "./bank-accounts.ts";
import type { Vendor } from "./bank.ts";
import { callbacks } from "./callbacks.ts";
import { config as schema } from "./config.ts";
import type { Config } from "./config.ts";
import { consents, receiveConsent } from "./consents.ts";
import definition from "./mock.ts";
import { callbackOf, callOf, countOf, decide, doneOf, resourceOf, wireClient } from "./wire.fixture.ts";

type Consent = Output<"consents.get">;
type Request = Call<"consents.create">["input"]["body"];

let mock: RunningMock;
let config: Config;
let vendor: Vendor;
let clockMs = Date.parse("2026-11-22T12:00:00Z");
const now = () => new Date(clockMs);

beforeAll(async () => {
  mock = await startMock(definition, { now });
  config = schema.parse(mock.config);
  vendor = wireClient(config, now);
});
afterAll(async () => {
  expect(mock.violations).toEqual([]);
  await mock.stop();
});

const everything: Request = {
  permissions: ["accounts_detail", "balances", "transactions_detail", "transactions_credits", "transactions_debits"],
  expiresAt: "2027-02-20T00:00:00Z",
  returnUrl: "https://partner.example/back?order=42",
  reference: "CUSTOMER-42",
};

async function create(request = everything) {
  const reference = randomBytes(16).toString("hex");
  const createdAt = now();
  const call = callOf("consents.create", config, {
    reference,
    now: createdAt,
    input: { path: {}, query: {}, body: request },
  });
  return { kept: { reference, createdAt, request }, ...doneOf(await consents.create(call, vendor)) };
}

type Created = Awaited<ReturnType<typeof create>>;

function getCall(created: Created, status = "awaiting_authorisation") {
  const resource = resourceOf<Consent>(created.body.id, { ...created.kept, state: created.state, status });
  return callOf("consents.get", config, { resource, now: now() });
}

async function get(created: Created, status?: string): Promise<Created> {
  if (consents.get === "stored") throw new Error("get asks the bank");
  return { ...created, ...doneOf(await consents.get(getCall(created, status), vendor)) };
}

async function comeBack(created: Created, at: URL): Promise<Created> {
  const request = { method: "GET", target: at.search, query: at.searchParams, headers: {}, body: Buffer.alloc(0) };
  const verdict = await callbacks.verify(request, { config, now: now(), vendor });
  if (verdict.verdict !== "verified") throw new Error(verdict.why);
  expect(verdict).toMatchObject({ capability: "consents", handle: created.kept.reference });
  const call = callbackOf<"consents">(getCall(created), verdict.event);
  return { ...created, ...doneOf<"consents.get">(await receiveConsent(call, vendor)) };
}

async function authorised(request = everything): Promise<Created> {
  const created = await create(request);
  return comeBack(created, await decide(created.body.authorisationUrl, "approve"));
}

function accountCall<
  Id extends "bankAccounts.list" | "bankAccounts.get" | "bankAccounts.balances" | "bankAccounts.transactions",
>(id: Id, consent: Created, path: object = {}, query: object = {}) {
  const parents = {
    consents: resourceOf(consent.body.id, { ...consent.kept, state: consent.state, status: "authorised" }),
  };
  return callOf(id, config, { parents, now: now(), input: { path, query, body: undefined } });
}

describe("consents", () => {
  it("is staged, approved on the bank's page, and authorised by redeeming the code", async () => {
    const created = await create();
    expect(created.body).toMatchObject({ status: "awaiting_authorisation", reference: "CUSTOMER-42" });
    const back = await decide(created.body.authorisationUrl, "approve");
    const given = await comeBack(created, back);
    expect(given.body).toMatchObject({ status: "authorised", authorisedAt: now().toISOString() });
    expect(given.body.authorisationUrl).toBeUndefined();
    const unchanged = await get(given, "authorised");
    expect(unchanged.body.status).toBe("authorised");
    expect(unchanged.state).toBe(given.state);
    // The browser reloads the return page: the code is not redeemed twice.
    const redeemed = countOf(mock, "TokenAuthorizationCode");
    expect((await comeBack(given, back)).body.status).toBe("authorised");
    expect(countOf(mock, "TokenAuthorizationCode")).toBe(redeemed);
  });

  it("is rejected when the customer denies", async () => {
    const created = await create();
    const denied = await comeBack(created, await decide(created.body.authorisationUrl, "deny"));
    expect(denied.body).toMatchObject({ status: "rejected", failure: { code: "authorisation_declined" } });
  });

  it("believes a forged refusal only as far as the bank does not say otherwise", async () => {
    const created = await create();
    await decide(created.body.authorisationUrl, "approve");
    const forged = new URL(
      `http://x/?error=access_denied&state=consents.${created.kept.reference}&iss=${config.issuer}`,
    );
    expect((await comeBack(created, forged)).body.status).toBe("awaiting_authorisation");
  });

  it("does not accept a made-up code, nor another customer's", async () => {
    const created = await create();
    const other = await create();
    const foreign = await decide(other.body.authorisationUrl, "approve");
    foreign.searchParams.set("state", `consents.${created.kept.reference}`);
    await expect(comeBack(created, foreign)).rejects.toMatchObject({
      code: "authorisation_declined",
      outcome: "rejected",
    });
    foreign.searchParams.set("code", "made-up");
    await expect(comeBack(created, foreign)).rejects.toMatchObject({ code: "authorisation_declined" });
    expect((await get(created)).body.status).toBe("awaiting_authorisation");
  });

  it("gives out a fresh URL when the last has run out, and either works", async () => {
    const created = await create();
    expect((await get(created)).body.authorisationUrl).toBe(created.body.authorisationUrl);
    clockMs += 120_000;
    const renewed = await get(created);
    expect(renewed.body.authorisationUrl).not.toBe(created.body.authorisationUrl);
    const given = await comeBack(renewed, await decide(renewed.body.authorisationUrl, "approve"));
    expect(given.body.status).toBe("authorised");
  });

  it("is closed at the bank when the customer never comes", async () => {
    const created = await create();
    clockMs += (config.authorisationLifetimeSeconds + 1) * 1_000;
    expect((await get(created)).body).toMatchObject({ status: "expired", failure: { code: "session_expired" } });
    await expect(decide(created.body.authorisationUrl, "approve")).rejects.toThrow("400");
  });

  it("is staged anew when the answer to its creation was lost", async () => {
    const created = await create();
    const found = await get({ ...created, state: undefined }, "unknown");
    expect(found.body.status).toBe("awaiting_authorisation");
    const given = await comeBack(found, await decide(found.body.authorisationUrl, "approve"));
    expect(given.body.status).toBe("authorised");
  });

  it("ends with its expiry, and at once when revoked", async () => {
    const brief = await authorised({ ...everything, expiresAt: new Date(clockMs + 60_000).toISOString() });
    clockMs += 61_000;
    expect((await get(brief, "authorised")).body.status).toBe("expired");
    const given = await authorised();
    const resource = resourceOf(given.body.id, { ...given.kept, state: given.state, status: "authorised" });
    const revoke = () => consents.revoke(callOf("consents.revoke", config, { resource, now: now() }), vendor);
    expect(doneOf(await revoke()).body.status).toBe("revoked");
    // The answer was lost: the bank is asked, and knows it no more. Repeated: what is gone is gone.
    expect((await get(given, "authorised")).body.status).toBe("revoked");
    expect(doneOf(await revoke()).body.status).toBe("revoked");
    await expect(bankAccounts.list(accountCall("bankAccounts.list", given), vendor)).rejects.toMatchObject({
      code: "consent_not_authorised",
    });
  });

  it("refuses a direction without transactions, and adds both where none is named", async () => {
    await expect(create({ ...everything, permissions: ["transactions_debits"] })).rejects.toMatchObject({
      code: "request_unsuitable",
    });
    expect((await create({ ...everything, permissions: ["transactions_basic"] })).body.permissions).toEqual([
      "transactions_basic",
    ]);
  });
});

describe("bank accounts", () => {
  let consent: Created;
  let bills: string;
  beforeAll(async () => {
    consent = await authorised();
    const listed = doneOf(await bankAccounts.list(accountCall("bankAccounts.list", consent), vendor)).body;
    bills = listed.data[0]?.id ?? "";
  });

  it("are listed and read with their numbers", async () => {
    const { data } = doneOf(await bankAccounts.list(accountCall("bankAccounts.list", consent), vendor)).body;
    expect(data.map(({ type, currency }) => `${type} ${currency}`)).toEqual([
      "current GBP",
      "savings GBP",
      "credit_card GBP",
    ]);
    if (bankAccounts.get === "stored") throw new Error("get asks the bank");
    const call = accountCall("bankAccounts.get", consent, { bankAccountId: bills });
    expect(doneOf(await bankAccounts.get(call, vendor)).body).toEqual({
      id: bills,
      currency: "GBP",
      type: "current",
      status: "enabled",
      nickname: "Bills",
      description: "Current account",
      holderName: "Mr Kevin Joyner",
      identifiers: [{ scheme: "uk_sort_code", sortCode: "801742", accountNumber: "10203348" }],
    });
  });

  it("have balances", async () => {
    const call = accountCall("bankAccounts.balances", consent, { bankAccountId: bills });
    expect(doneOf(await bankAccounts.balances(call, vendor)).body.data).toEqual([
      {
        type: "interim_available",
        direction: "credit",
        amount: { amount: "1230.00", currency: "GBP" },
        creditIncluded: false,
        asOfAt: now().toISOString(),
      },
    ]);
  });

  it("page through every transaction once, in pages of the partner's size", async () => {
    const seen: string[] = [];
    const sizes: number[] = [];
    for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
      const query = { limit: 20, ...(cursor !== undefined && { cursor }) };
      const call = accountCall("bankAccounts.transactions", consent, { bankAccountId: bills }, query);
      const { data, nextCursor } = doneOf(await bankAccounts.transactions(call, vendor)).body;
      expect(data.length).toBeLessThanOrEqual(20);
      seen.push(...data.map((entry) => entry.id ?? ""));
      sizes.push(data.length);
      cursor = nextCursor;
      if (cursor !== undefined) expect(cursor).toMatch(/^[A-Za-z0-9_-]{1,512}$/);
    }
    expect(new Set(seen).size).toBe(65);
    expect(seen).toHaveLength(65);
    expect(sizes).toEqual([20, 5, 20, 5, 15]);
  });

  it("keep to the dates, inclusive on both ends", async () => {
    const query = { fromDate: "2026-11-10", toDate: "2026-11-12", limit: 50 };
    const call = accountCall("bankAccounts.transactions", consent, { bankAccountId: bills }, query);
    const { data, nextCursor } = doneOf(await bankAccounts.transactions(call, vendor)).body;
    expect(data.map((entry) => entry.bookedAt.slice(0, 10))).toEqual(["2026-11-12", "2026-11-11", "2026-11-10"]);
    expect(nextCursor).toBeUndefined();
  });

  it("are read with a new token once the first has ended", async () => {
    clockMs += 301_000;
    const before = countOf(mock, "TokenRefreshToken");
    const call = accountCall("bankAccounts.balances", consent, { bankAccountId: bills });
    doneOf(await bankAccounts.balances(call, vendor));
    doneOf(await bankAccounts.balances(call, vendor));
    expect(countOf(mock, "TokenRefreshToken")).toBe(before + 1);
  });

  it("refuse an unknown account, a foreign cursor and what the consent does not open", async () => {
    const foreign = accountCall("bankAccounts.balances", consent, { bankAccountId: "bac_OTk5" });
    await expect(bankAccounts.balances(foreign, vendor)).rejects.toMatchObject({ code: "resource_not_found" });
    const made = accountCall("bankAccounts.balances", consent, { bankAccountId: "bac_22289" });
    await expect(bankAccounts.balances(made, vendor)).rejects.toMatchObject({ code: "resource_not_found" });
    const cursor = accountCall(
      "bankAccounts.transactions",
      consent,
      { bankAccountId: bills },
      { limit: 5, cursor: "abc" },
    );
    await expect(bankAccounts.transactions(cursor, vendor)).rejects.toMatchObject({ code: "request_invalid" });
    const narrow = await authorised({ ...everything, permissions: ["accounts_basic"] });
    const balances = accountCall("bankAccounts.balances", narrow, { bankAccountId: bills });
    await expect(bankAccounts.balances(balances, vendor)).rejects.toMatchObject({ code: "consent_not_authorised" });
    const { data } = doneOf(await bankAccounts.list(accountCall("bankAccounts.list", narrow), vendor)).body;
    expect(data[0]).not.toHaveProperty("identifiers");
  });
});
