import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { billOf, exchangesOf, openRoad, person, post } from "./road.fixture.ts";
import type { Road } from "./road.fixture.ts";

const phone = "13800138000";
const bankCardNumber = "6222020200112233445";
const two = { type: "id_two_factor", ...person };
const three = { type: "phone_three_factor", ...person, phone };
const four = { type: "bank_card_four_factor", ...person, phone, bankCardNumber };

let road: Road;
beforeAll(async () => {
  road = await openRoad();
});
afterAll(async () => {
  expect(road.mock.violations).toEqual([]);
  await road.close();
});

const check = (body: object) => post(road, "/v1/identity-checks", body);

describe("a check", () => {
  it.each<[string, object, object]>([
    ["公安 match", { ...two, reference: "KYC-1" }, { verdict: "match", billed: true, reference: "KYC-1" }],
    ["公安 mismatch", { ...two, name: "李不符" }, { verdict: "mismatch", billed: true }],
    ["公安 no record, free", { ...two, name: "李无录" }, { verdict: "no_record", billed: false }],
    ["电信 match", three, { verdict: "match", billed: true, carrier: "china_mobile" }],
    [
      "电信 number of somebody else",
      { ...three, phone: "13300199201" },
      { verdict: "mismatch", mismatches: ["phone"], carrier: "china_telecom", billed: true },
    ],
    [
      "电信 mismatch of the identity number",
      { ...three, phone: "13000199202" },
      { verdict: "mismatch", mismatches: ["nationalId"], carrier: "china_unicom", billed: true },
    ],
    [
      "电信 mismatch of the name",
      { ...three, name: "李不符" },
      { verdict: "mismatch", mismatches: ["name"], carrier: "china_mobile", billed: true },
    ],
    [
      "电信 another mismatch",
      { ...three, phone: "13800199204" },
      { verdict: "mismatch", carrier: "china_mobile", billed: true },
    ],
    [
      "电信 no record, free",
      { ...three, name: "李无录" },
      { verdict: "no_record", carrier: "china_mobile", billed: false },
    ],
    ["电信 a carrier that is not told", { ...three, phone: "19200138000" }, { verdict: "match", billed: true }],
    ["银行卡 match", four, { verdict: "match", billed: true }],
    ["银行卡 holder differs", { ...four, name: "李不符" }, { verdict: "mismatch", billed: true }],
    ["银行卡 lost card", { ...four, bankCardNumber: "6222020299210" }, { verdict: "inconclusive", billed: true }],
    ["银行卡 no such card", { ...four, bankCardNumber: "6222020299206" }, { verdict: "no_record", billed: true }],
    ["银行卡 bank refuses", { ...four, name: "李无录" }, { verdict: "inconclusive", billed: false }],
    ["银行卡 wrong number", { ...four, bankCardNumber: "6222020299304" }, { verdict: "no_record", billed: false }],
  ])("%s", async (_name, request, expected) => {
    const before = await billOf(road.mock);
    const answer = await check(request);
    expect(answer.status, answer.text).toBe(201);
    const { type } = request as { type: string };
    const { id: _id, createdAt: _createdAt, ...told } = answer.body as Record<string, unknown>;
    expect(told).toEqual({ type, status: "completed", ...expected });
    const after = await billOf(road.mock);
    expect(after.billed - before.billed).toBe(told["billed"] === true ? 1 : 0);
  });

  it("stays as it was said: reading asks nobody", async () => {
    const created = await check(two);
    const seen = road.mock.exchanges.length;
    const read = await road.partner.request("GET", created.headers["location"] ?? "");
    expect(read.body).toMatchObject({ verdict: "match", billed: true });
    expect(road.mock.exchanges.length).toBe(seen);
  });
});

describe("without a verdict, and without a fee, because of", () => {
  it.each<[string, object, object]>([
    ["a wrong check digit", { ...two, nationalId: "110105194912310021" }, { code: "vendor_rejected", vendor: "401" }],
    ["a source that is down", { ...two, name: "李库障" }, { code: "vendor_unavailable", vendor: "402" }],
    ["the same asked too often", { ...two, name: "李重复" }, { code: "vendor_rate_limited", vendor: "403" }],
    [
      "a card checked too often",
      { ...four, bankCardNumber: "6222020299306" },
      { code: "quota_exhausted", vendor: "3/306" },
    ],
    ["a product not activated", { ...three, name: "李未开" }, { code: "vendor_unavailable", vendor: "410" }],
    ["RAM", { ...three, name: "李无权" }, { code: "vendor_unauthenticated", vendor: "411" }],
    ["arrears", { ...three, name: "李欠费" }, { code: "vendor_unavailable", vendor: "412" }],
    ["an internal error", { ...two, name: "李内错" }, { code: "vendor_fault", vendor: "500" }],
    ["the rate limit", { ...two, name: "李限频" }, { code: "vendor_rate_limited", vendor: "Throttling.User" }],
    [
      "a gateway in front that is down",
      { ...two, name: "李停服" },
      { code: "vendor_unavailable", vendor: "ServiceUnavailable" },
    ],
    ["an error in front: nobody knows", { ...two, name: "李前错" }, { code: "outcome_lost", vendor: "InternalError" }],
    ["a code that no document has", { ...two, name: "李新码" }, { code: "outcome_lost", vendor: "599" }],
    ["an answer that leaves the spec", { ...two, name: "李跑偏" }, { code: "outcome_lost", vendor: undefined }],
  ])("%s", async (_name, request, expected) => {
    const answer = await check(request);
    const { code, vendor } = answer.body as { code: string; vendor?: { code: string } };
    expect({ code, vendor: vendor?.code }, answer.text).toEqual(expected);
    expect(answer.text).not.toContain((request as { name: string }).name);
  });

  it("a limit that is counted, it says so in Retry-After", async () => {
    const answer = await check({ ...two, name: "王重复" });
    expect(Number(answer.headers["retry-after"])).toBeGreaterThan(60);
  });

  it("and what lost its answer was done, charged, and not asked again", async () => {
    const before = await billOf(road.mock);
    const answer = await check({ ...two, name: "李重置" });
    expect(answer.body).toMatchObject({ code: "outcome_lost" });
    const after = await billOf(road.mock);
    expect(after.billed - before.billed).toBe(1);
  });
});

it("sends a card's number where the vendor wants it, and logs nothing of a person", async () => {
  await check({ ...four, name: "欧阳 *'(三)" });
  const { request } = exchangesOf(road.mock, "BankMetaVerify").at(-1) ?? {};
  expect(request?.target).toContain("UserName=%E6%AC%A7%E9%98%B3%20%2A%27%28%E4%B8%89%29");
  expect(request?.body.length).toBe(0);
  for (const secret of [
    person.nationalId,
    phone,
    bankCardNumber,
    "欧阳",
    String(road.mock.credentials["accessKeySecret"]),
  ]) {
    expect(road.logged()).not.toContain(secret);
  }
});
