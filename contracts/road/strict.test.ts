import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { differences, problemFaults } from "./contract.fixture.ts";
import { person } from "./draft.fixture.ts";
import { newKey, openGateway, registered } from "./gateway.fixture.ts";
import type { Gateway } from "./gateway.fixture.ts";
import type { Partner } from "../../mocks/partner/client.ts";

let road: Gateway;
let full: Partner;
let narrow: Partner;
const checks = "/v1/identity-checks";
const accounts = "/v1/customer-accounts";

beforeAll(async () => {
  const [one, other] = await Promise.all([newKey(), newKey()]);
  const partners = [registered("full", [one]), registered("narrow", [other], { scopes: ["identityChecks"] })];
  road = await openGateway({ partners }, { adapters: ["tencent-faceid", "account-centre"] });
  [full, narrow] = [road.as(one.jwk), road.as(other.jwk)];
});

afterAll(() => road.close());

const vendorCalls = (): number => road.mocks.reduce((sum, { exchanges }) => sum + exchanges.length, 0);

describe("a body that is not the contract's is refused at its place", () => {
  it.each<[string, unknown, object]>([
    ["an unknown field", { ...person, more: 1 }, { pointer: "/more" }],
    ["an unknown type", { ...person, type: "five_factor" }, { pointer: "/type" }],
    ["a missing field", { type: person.type, name: person.name }, { pointer: "/nationalId" }],
    ["a number for a string", { ...person, name: 1 }, { pointer: "/name" }],
    ["null", { ...person, reference: null }, { pointer: "/reference" }],
    ["a field too long", { ...person, name: "张".repeat(1_000) }, { pointer: "/name" }],
    ["a field of another type's", { ...person, phone: "13800138000" }, { pointer: "/phone" }],
    ["no body at all", undefined, { pointer: "" }],
  ])("%s", async (_what, body, place) => {
    const before = vendorCalls();
    const answer = await full.request("POST", checks, body === undefined ? {} : { body });
    expect(answer).toMatchObject({ status: 400, body: { code: "request_invalid", errors: [place] } });
    expect(differences("POST", checks, answer)).toEqual([]);
    expect(answer.text).not.toContain(person.nationalId);
    expect(vendorCalls()).toBe(before);
  });
});

describe("a query that is not the contract's is refused at its place", () => {
  it.each([
    ["limit=1e2", "limit"],
    ["limit=0x10", "limit"],
    ["limit=+5", "limit"],
    ["limit=05", "limit"],
    ["limit=1.0", "limit"],
    ["limit=0", "limit"],
    ["limit=201", "limit"],
    ["limit=", "limit"],
    ["limit=5&limit=6", "limit"],
    ["limit[]=5", "limit"],
    ["Limit=5", "Limit"],
    ["other=1", "other"],
    ["__proto__=1", "__proto__"],
    [`cursor=${"a".repeat(3_000)}`, "cursor"],
  ])("?%.20s", async (query, parameter) => {
    const answer = await full.request("GET", `${accounts}?${query}`);
    expect(answer).toMatchObject({ status: 400, body: { code: "request_invalid", errors: [{ parameter }] } });
    expect(differences("GET", accounts, answer)).toEqual([]);
  });

  it.each(["limit=5", "limit=200", ""])("?%s is the contract's", async (query) => {
    expect(await full.request("GET", `${accounts}?${query}`)).toMatchObject({ status: 200 });
  });
});

describe("an address has one spelling", () => {
  it.each([
    "/v1/customer-accounts/",
    "/V1/customer-accounts",
    "/v1/Customer-Accounts",
    "/v1//customer-accounts",
    "//v1/customer-accounts",
    "/v1/customer-accounts;v=1",
    "/v1/customer-accounts.json",
    "/v1",
    "/",
    "/v2/customer-accounts",
  ])("not %s", async (target) => {
    const answer = await full.request("GET", target);
    expect(answer).toMatchObject({ status: 404, verified: true, body: { code: "not_found" } });
    expect(problemFaults(answer.body)).toEqual([]);
  });

  it.each(["%zz", "%", "%c0%af", "%ff"])("nor a broken one: %s", async (id) => {
    const answer = await full.request("GET", `${accounts}/${id}`);
    expect(answer).toMatchObject({ status: 400, verified: true, body: { code: "target_malformed" } });
  });

  it.each(["cac_", "cac_01JD9ZK3V7W8X9Y0Z1A2B!", "ins_01JD9ZK3V7W8X9Y0Z1A2B3", "..", "cac_%00", "x".repeat(300)])(
    "nor an id that is none: %.30s",
    async (id) => {
      const answer = await full.request("GET", `${accounts}/${id}`);
      expect(answer.status === 400 || answer.status === 404).toBe(true);
      expect(problemFaults(answer.body)).toEqual([]);
    },
  );

  it("an id that nobody gave is not found", async () => {
    const target = `${accounts}/cac_01JD9ZK3V7W8X9Y0Z1A2B3`;
    const answer = await full.request("GET", target);
    expect(answer).toMatchObject({ status: 404, body: { code: "resource_not_found" } });
    expect(differences("GET", target, answer)).toEqual([]);
  });
});

describe("methods", () => {
  it.each([
    ["PUT", accounts, "GET, POST"],
    ["DELETE", accounts, "GET, POST"],
    ["PATCH", accounts, "GET, POST"],
    ["OPTIONS", accounts, "GET, POST"],
    ["TRACE", accounts, "GET, POST"],
    ["PROPFIND", accounts, "GET, POST"],
    ["POST", "/v1/capabilities", "GET"],
    ["GET", "/v1/instalment-quotes", "POST"],
  ])("%s %s is not taken", async (method, target, allow) => {
    const answer = await full.request(method, target);
    expect(answer).toMatchObject({ status: 405, verified: true, body: { code: "method_not_allowed" } });
    expect(answer.headers["allow"]?.split(", ").toSorted().join(", ")).toBe(allow);
    expect(problemFaults(answer.body)).toEqual([]);
  });

  it("nor HEAD, whose answer has no body to digest", async () => {
    const answer = await full.request("HEAD", "/v1/capabilities");
    expect(answer).toMatchObject({ status: 405, verified: true, text: "" });
    expect(answer.headers).not.toHaveProperty("content-digest");
  });
});

describe("scopes", () => {
  it("decide before anything is looked up or claimed", async () => {
    const idempotencyKey = randomUUID();
    const body = { name: "李四", nationalId: person.nationalId, phone: "+8613800138000", reference: "C-1" };
    for (const [method, target] of [
      ["POST", accounts],
      ["GET", accounts],
      ["GET", `${accounts}/cac_01JD9ZK3V7W8X9Y0Z1A2B3`],
    ] as const) {
      const answer = await narrow.request(method, target, method === "POST" ? { body, idempotencyKey } : {});
      expect(answer).toMatchObject({ status: 403, body: { code: "insufficient_scope" } });
      expect((answer.body as { detail: string }).detail).toContain("customerAccounts");
      expect(differences(method, target, answer)).toEqual([]);
    }
    const check = { ...person, reference: "KYC-1" };
    expect(await narrow.request("POST", checks, { body: check, idempotencyKey })).toMatchObject({ status: 201 });
    expect(await narrow.request("GET", "/v1/capabilities")).toMatchObject({ status: 200 });
  });
});

describe("what no configured adapter supports", () => {
  it("is said so", async () => {
    const answer = await full.request("POST", "/v1/instalment-quotes", {
      body: { amount: { amount: "1000.00", currency: "CNY" }, feeBearer: "customer" },
    });
    expect(answer).toMatchObject({ status: 501, body: { code: "operation_unsupported" } });
    expect(differences("POST", "/v1/instalment-quotes", answer)).toEqual([]);
  });
});
