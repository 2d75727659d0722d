import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Fault } from "#capability";
import type { Call, Output } from "#capability";
import { startMock } from "#mocks";
import type { RunningMock } from "#mocks";
import { bankPayments, receivePayment } from "./bank-payments.ts";
import type { Vendor } from "./bank.ts";
import { callbacks } from "./callbacks.ts";
import { config as schema } from "./config.ts";
import type { Config } from "./config.ts";
import definition from "./mock.ts";
import type { components } from "./vendor.d.ts";
import { callbackOf, callOf, countOf, decide, doneOf, resourceOf, wireClient } from "./wire.fixture.ts";

type Payment = Output<"bankPayments.get">;
type Request = Call<"bankPayments.create">["input"]["body"];

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

function requestOf(amount: string, changes: Partial<Request> = {}): Request {
  return {
    amount: { amount, currency: "GBP" },
    creditor: { name: "ACME Inc", account: { scheme: "uk_sort_code", sortCode: "080800", accountNumber: "21325698" } },
    remittance: { reference: "FRESCO-101", unstructured: "Internal ops code 5120101" },
    returnUrl: "https://partner.example/back",
    reference: "INVOICE-2026-0042",
    ...changes,
  };
}

interface Kept {
  kept: { reference: string; createdAt: Date; request: Request };
  state?: unknown;
}
type Known = Kept & { body: Payment };

function attempt(request: Request): Kept & { create(): Promise<Known> } {
  const kept = { reference: randomBytes(16).toString("hex"), createdAt: now(), request };
  const input = { path: {}, query: {}, body: request };
  const call = callOf("bankPayments.create", config, { reference: kept.reference, now: kept.createdAt, input });
  return { kept, create: async () => ({ kept, ...doneOf(await bankPayments.create(call, vendor)) }) };
}

async function create(amount: string, changes: Partial<Request> = {}): Promise<Known> {
  return attempt(requestOf(amount, changes)).create();
}

function getCall({ kept, state }: Kept, status = "awaiting_authorisation") {
  const resource = resourceOf<Payment>("pay_01JD9ZK3V7W8X9Y0Z1A2B3", { ...kept, state, status });
  return callOf("bankPayments.get", config, { resource, now: now() });
}

async function get(known: Kept, status?: string): Promise<Known> {
  if (bankPayments.get === "stored") throw new Error("get asks the bank");
  return { ...known, ...doneOf(await bankPayments.get(getCall(known, status), vendor)) };
}

async function comeBack(known: Known, at: URL): Promise<Known> {
  const request = { method: "GET", target: at.search, query: at.searchParams, headers: {}, body: Buffer.alloc(0) };
  const verdict = await callbacks.verify(request, { config, now: now(), vendor });
  if (verdict.verdict !== "verified") throw new Error(verdict.why);
  const call = callbackOf<"bankPayments">(getCall(known), verdict.event);
  return { ...known, ...doneOf<"bankPayments.get">(await receivePayment(call, vendor)) };
}

async function approved(amount: string, changes: Partial<Request> = {}): Promise<Known> {
  const created = await create(amount, changes);
  return comeBack(created, await decide(created.body.authorisationUrl, "approve"));
}

/** Distinct payments that the bank made for this instruction. */
function paid(reference: string): Set<string> {
  const ids = mock.exchanges
    .filter((exchange) => exchange.operation === "CreateDomesticPayments" && exchange.answer.status === 201)
    .map((exchange) => (JSON.parse(String(exchange.answer.body)) as components["schemas"]["PaymentAnswer"]).Data)
    .filter((data) => data.Initiation.InstructionIdentification === reference)
    .map((data) => data.DomesticPaymentId);
  return new Set(ids);
}

describe("a bank payment", () => {
  it("waits for the customer, is paid when they approve, and completes", async () => {
    const created = await create("165.88");
    expect(created.body).toMatchObject({
      status: "awaiting_authorisation",
      amount: { amount: "165.88", currency: "GBP" },
    });
    expect((await get(created)).body.authorisationUrl).toBe(created.body.authorisationUrl);
    const processing = await comeBack(created, await decide(created.body.authorisationUrl, "approve"));
    expect(processing.body.status).toBe("processing");
    expect((await get(processing, "processing")).body.status).toBe("processing");
    clockMs += 1_000;
    const completed = await get(processing, "processing");
    expect(completed.body).toMatchObject({ status: "completed", completedAt: new Date(clockMs - 200).toISOString() });
    expect(completed.body.authorisationUrl).toBeUndefined();
  });

  it("sends one key per operation, derived from the reference", async () => {
    const { kept } = await approved("10.00");
    const keys = mock.exchanges
      .filter((exchange) => exchange.request.method === "POST" && exchange.request.path.includes("/pisp/"))
      .map((exchange) => exchange.request.headers["x-idempotency-key"])
      .filter((key) => key?.startsWith(kept.reference));
    expect(keys).toEqual([kept.reference, `${kept.reference}.pay`]);
  });

  it("is rejected when the customer denies, without a payment", async () => {
    const created = await create("10.00");
    const denied = await comeBack(created, await decide(created.body.authorisationUrl, "deny"));
    expect(denied.body).toMatchObject({ status: "rejected", failure: { code: "authorisation_declined" } });
    expect(paid(created.kept.reference)).toEqual(new Set());
  });

  it.each([
    ["10.11", "vendor_rejected", "AC04"],
    ["10.12", "insufficient_funds", "AM04"],
  ])("is rejected when the bank rejects it later: %s", async (amount, code, vendorCode) => {
    const made = await approved(amount);
    clockMs += 500;
    const { body } = await get(made, "processing");
    expect(body).toMatchObject({ status: "rejected", failure: { code, vendor: { code: vendorCode } } });
  });

  it("is rejected when the bank refuses it at once", async () => {
    const { body } = await approved("10.18");
    expect(body).toMatchObject({
      status: "rejected",
      failure: { code: "amount_out_of_range", vendor: { code: "AM14" } },
    });
  });

  it("stays in process while the bank is undecided", async () => {
    const made = await approved("10.19");
    clockMs += 60_000;
    expect((await get(made, "processing")).body.status).toBe("processing");
  });

  it.each(["10.14", "10.15", "10.16", "10.17"])(
    "is paid once though the answer was lost, wrong, forged or a fault: %s",
    async (amount) => {
      const lost = await approved(amount);
      expect(lost.body.status).toBe("processing");
      expect(JSON.stringify(lost.state)).not.toContain("paymentId");
      clockMs += 1_000;
      const found = await get(lost, "processing");
      expect(found.body.status).toBe("completed");
      expect(paid(lost.kept.reference).size).toBe(1);
    },
  );

  it("is found by its consent when even the key has run out", async () => {
    const lost = await approved("10.14");
    clockMs += 25 * 3_600_000;
    const before = countOf(mock, "CreateDomesticPayments");
    expect((await get(lost, "processing")).body.status).toBe("processing");
    expect(countOf(mock, "CreateDomesticPayments")).toBe(before);
  });

  it("is tried again by get when the bank was only busy", async () => {
    const created = await create("10.00");
    const back = await decide(created.body.authorisationUrl, "approve");
    const real = vendor;
    vendor = {
      ...real,
      call: (operation, input) =>
        operation === "CreateDomesticPayments"
          ? Promise.reject(new Fault("vendor_rate_limited", { outcome: "rejected" }))
          : real.call(operation, input),
    };
    const busy = await comeBack(created, back).finally(() => (vendor = real));
    expect(busy.body.status).toBe("processing");
    expect(paid(created.kept.reference).size).toBe(0);
    expect((await get(busy, "processing")).body.status).toBe("processing");
    expect(paid(created.kept.reference).size).toBe(1);
  });

  it("does not take a refusal of a repeat for a refusal of the payment", async () => {
    const lost = await approved("10.14");
    // The customer's tokens were revoked meanwhile: the repeat is refused, but the bank has paid.
    const state = {
      ...(lost.state as { tokens: object }),
      tokens: { accessToken: "revoked", accessExpiresAt: "2030-01-01T00:00:00Z" },
    };
    expect((await get({ ...lost, state }, "processing")).body.status).toBe("processing");
  });

  it.each(["10.23", "10.24", "10.25", "10.26"])(
    "has an unknown outcome when the consent's answer is lost, wrong, forged or a fault, and then resolves: %s",
    async (amount) => {
      const { kept, create: tryCreate } = attempt(requestOf(amount));
      await expect(tryCreate()).rejects.toMatchObject({ outcome: "unknown" });
      const staged = mock.exchanges.length;
      const found = await get({ kept }, "unknown");
      expect(found.body.status).toBe("awaiting_authorisation");
      expect(mock.exchanges.slice(staged).map((exchange) => exchange.operation)).toContain(
        "CreateDomesticPaymentConsents",
      );
      const made = await comeBack(found, await decide(found.body.authorisationUrl, "approve"));
      expect(made.body.status).toBe("processing");
    },
  );

  it("is refused before anybody is asked when the bank refuses the consent", async () => {
    await expect(create("10.21")).rejects.toMatchObject({
      code: "vendor_rejected",
      outcome: "rejected",
      vendor: { code: "U002" },
    });
    await expect(create("10.00", { amount: { amount: "10.00", currency: "EUR" } })).rejects.toMatchObject({
      vendor: { code: "U023" },
    });
    await expect(create("10.123")).rejects.toMatchObject({ code: "amount_out_of_range", outcome: "rejected" });
  });

  it("is given up only when nobody can approve it any more", async () => {
    const created = await create("10.00");
    clockMs += config.authorisationLifetimeSeconds * 1_000 + 1;
    expect((await get(created)).body.status).toBe("awaiting_authorisation");
    clockMs += 3_600_000;
    expect((await get(created)).body).toMatchObject({ status: "rejected", failure: { code: "session_expired" } });
    await expect(decide(created.body.authorisationUrl, "approve")).rejects.toThrow("400");
  });
});
