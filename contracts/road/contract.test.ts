import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { operations } from "#specs";
import type { OperationId } from "#specs";
import { visit } from "../journeys/browser.ts";
import { askAs, example, inDays } from "./asker.fixture.ts";
import type { Asker } from "./asker.fixture.ts";
import { differences, examplesOf, problemFaults } from "./contract.fixture.ts";
import { openRoad } from "./setup.fixture.ts";
import type { Road } from "./setup.fixture.ts";

let road: Road;
let asker: Asker;

beforeAll(async () => {
  road = await openRoad({
    adapters: ["tencent-faceid", "alipay-huabei", "openbanking-uk", "plaid-check", "account-centre"],
  });
  asker = askAs(road.a);
});

afterAll(() => road.close());

const call: Asker["call"] = async (...asked) => asker.call(...asked);
const reaches: Asker["reaches"] = async (...asked) => asker.reaches(...asked);

/** Of each kind of resource one of partner A's; filled by the stories below. */
const made: Partial<Record<string, string>> = {};

describe("every operation keeps the contract, asked with its own examples", () => {
  it("identity checks", async () => {
    for (const name of Object.keys(examplesOf("identityChecks.create"))) {
      const { status, body, headers } = await call(
        "POST",
        "/v1/identity-checks",
        example("identityChecks.create", name),
      );
      expect({ status, verdict: body["verdict"] }).toEqual({ status: 201, verdict: "match" });
      expect(headers["location"]).toBe(`/v1/identity-checks/${body.id}`);
      made["identityCheckId"] = body.id;
      expect((await call("GET", `/v1/identity-checks/${body.id}`)).body).toEqual(body);
    }
  });

  it("face verifications", async () => {
    const { status, body } = await call(
      "POST",
      "/v1/face-verifications",
      example("faceVerifications.create", "standard"),
    );
    expect(status).toBe(201);
    made["faceVerificationId"] = body.id;
    await visit(String(body["url"]), /good face|pass/i);
    await reaches(`/v1/face-verifications/${body.id}`, "verified");
  });

  it("credit reports", async () => {
    const { authorisation } = example("creditReports.create", "creditExtension") as { authorisation: object };
    const dated = { ...authorisation, authorisedAt: inDays(-0.1), expiresAt: inDays(30) };
    const order = example("creditReports.create", "creditExtension", { authorisation: dated });
    const { status, body } = await call("POST", "/v1/credit-reports", order);
    expect([status, body.status]).toEqual([202, "processing"]);
    made["creditReportId"] = body.id;
    await reaches(`/v1/credit-reports/${body.id}`, "ready");
  });

  it("instalments and refunds", async () => {
    const quote = await call("POST", "/v1/instalment-quotes", examplesOf("instalments.quote")["threePeriods"]);
    expect(quote.status).toBe(200);
    expect((await call("POST", "/v1/instalments", example("instalments.create", "code"))).status).toBe(201);
    const paid = await call("POST", "/v1/instalments", example("instalments.create", "account"));
    expect(paid.status).toBe(201);
    made["instalmentId"] = paid.body.id;
    await reaches(`/v1/instalments/${paid.body.id}`, "paid");
    const refund = await call(
      "POST",
      "/v1/refunds",
      example("refunds.create", "partial", { instalmentId: paid.body.id }),
    );
    expect(refund.status).toBe(201);
    made["refundId"] = refund.body.id;
    expect((await call("GET", `/v1/refunds/${refund.body.id}`)).status).toBe(200);

    const payer = { type: "account", accountId: "2088000000000001" };
    const { body: open } = await call("POST", "/v1/instalments", example("instalments.create", "account", { payer }));
    made["openInstalmentId"] = open.id;
    expect(await call("POST", `/v1/instalments/${open.id}/cancel`)).toMatchObject({
      status: 200,
      body: { status: "closed" },
    });
  });

  it("consents, accounts and payments at a bank", async () => {
    const dates = { expiresAt: inDays(90), transactionsFromDate: inDays(-90).slice(0, 10) };
    const consent = await call("POST", "/v1/consents", example("consents.create", "ninetyDays", dates));
    expect(consent.status).toBe(201);
    const consentId = (made["consentId"] = consent.body.id);
    await visit(String(consent.body["authorisationUrl"]), /approve|agree|allow/i);
    await reaches(`/v1/consents/${consentId}`, "authorised");
    const list = await call("GET", `/v1/bank-accounts?consentId=${consentId}`);
    const account = (list.body["data"] as { id: string }[])[0]?.id ?? "";
    made["bankAccountId"] = account;
    for (const part of ["", "/balances", "/transactions"]) {
      expect((await call("GET", `/v1/bank-accounts/${account}${part}?consentId=${consentId}`)).status).toBe(200);
    }
    const between = `fromDate=${inDays(-80).slice(0, 10)}&toDate=${inDays(0).slice(0, 10)}&limit=2`;
    const page = await call("GET", `/v1/bank-accounts/${account}/transactions?consentId=${consentId}&${between}`);
    expect((page.body["data"] as unknown[]).length).toBeLessThanOrEqual(2);
    const payment = await call("POST", "/v1/bank-payments", example("bankPayments.create", "sortCode"));
    expect(payment.status).toBe(201);
    made["bankPaymentId"] = payment.body.id;
    expect((await call("GET", `/v1/bank-payments/${payment.body.id}`)).status).toBe(200);
    const second = await call("POST", "/v1/consents", example("consents.create", "ninetyDays", dates));
    expect((await call("POST", `/v1/consents/${second.body.id}/revoke`)).status).toBe(200);
  });

  it("customer accounts", async () => {
    const opened = await call("POST", "/v1/customer-accounts", example("customerAccounts.open", "customer"));
    expect(opened.status).toBe(201);
    made["customerAccountId"] = opened.body.id;
    expect((await call("GET", `/v1/customer-accounts/${opened.body.id}`)).status).toBe(200);
    const list = await call("GET", "/v1/customer-accounts?limit=1");
    expect(list.body["data"]).toHaveLength(1);
    const other = example("customerAccounts.open", "customer", { nationalId: "110105194912310038" });
    const { body: closable } = await call("POST", "/v1/customer-accounts", other);
    const close = await call(
      "POST",
      `/v1/customer-accounts/${closable.id}/close`,
      examplesOf("customerAccounts.close")["request"],
    );
    expect(close).toMatchObject({ status: 200, body: { status: "closed" } });
  });

  it("what the gateway answers itself", async () => {
    const { body } = await call("GET", "/v1/capabilities");
    const rows = body["data"] as { operation: OperationId; adapter: string; support: string; why?: string }[];
    const asked = Object.entries(operations).filter(([, { answeredBy }]) => answeredBy === "adapter");
    expect(new Set(rows.map(({ operation }) => operation))).toEqual(new Set(asked.map(([operation]) => operation)));
    for (const row of rows) expect(row.why === undefined).toBe(row.support === "supported");
    expect((await call("POST", "/v1/signature-check", { any: "thing" })).body["valid"]).toBe(true);
    const keys = await fetch(`${road.origin}/.well-known/jwks.json`);
    const published = { status: keys.status, headers: Object.fromEntries(keys.headers), body: await keys.json() };
    expect(differences("GET", "/.well-known/jwks.json", published)).toEqual([]);
    const supported = rows.filter(({ support }) => support === "supported").map(({ operation }) => operation);
    expect(supported.filter((operation) => !asker.called.has(operation))).toEqual([]);
  });

  it("leaves no fault behind at any vendor", () => {
    for (const mock of road.sandbox.mocks) expect(mock.violations).toEqual([]);
    expect(road.lines.filter(({ level }) => Number(level) >= 50)).toEqual([]);
  });
});

describe("another partner's resources are as if they did not exist", () => {
  const reads = Object.entries(operations).flatMap(([operationId, { method, path, answeredBy }]) =>
    answeredBy === "adapter" && method === "GET" && path.includes("{") ? [[operationId, path] as const] : [],
  );
  const known = (path: string): string =>
    path.replace(/\{(\w+)\}/g, (_all, name: string) => made[name] ?? `no ${name} was made`);

  it.each(reads)("%s", async (operationId, path) => {
    const ofBank = operationId.startsWith("bankAccounts.") ? `?consentId=${made["consentId"]}` : "";
    const target = known(path) + ofBank;
    expect((await road.a.request("GET", target)).status).toBe(200);
    const before = road.sandbox.mocks.map(({ exchanges }) => exchanges.length);
    const answer = await road.b.request("GET", target);
    expect(answer).toMatchObject({ status: 404, body: { code: "resource_not_found" } });
    expect(differences("GET", target, answer)).toEqual([]);
    expect(road.sandbox.mocks.map(({ exchanges }) => exchanges.length)).toEqual(before);
  });

  it("in lists, acts and parents neither", async () => {
    expect(await road.b.request("GET", "/v1/customer-accounts")).toMatchObject({ status: 200, body: { data: [] } });
    const list = `/v1/bank-accounts?consentId=${made["consentId"]}`;
    expect(await road.b.request("GET", list)).toMatchObject({ status: 404, body: { code: "resource_not_found" } });
    const refund = example("refunds.create", "partial", { instalmentId: made["instalmentId"] });
    const acts: [string, unknown][] = [
      [`/v1/instalments/${made["openInstalmentId"]}/cancel`, undefined],
      [`/v1/consents/${made["consentId"]}/revoke`, undefined],
      [`/v1/customer-accounts/${made["customerAccountId"]}/close`, { reason: "customer_request" }],
      ["/v1/refunds", refund],
    ];
    for (const [target, body] of acts) {
      const answer = await road.b.request("POST", target, body === undefined ? {} : { body });
      expect(answer, target).toMatchObject({ status: 404, body: { code: "resource_not_found" } });
      expect(problemFaults(answer.body)).toEqual([]);
    }
    expect((await call("GET", `/v1/consents/${made["consentId"]}`)).body.status).toBe("authorised");
  });

  it("nor under an id of another kind", async () => {
    const target = `/v1/refunds/rfd_${made["instalmentId"]?.slice(4)}`;
    expect(await road.a.request("GET", target)).toMatchObject({ status: 404, body: { code: "resource_not_found" } });
  });
});
