import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Input } from "#capability";
import { startMock } from "#mocks";
import type { RunningMock } from "#mocks";
import { identityChecks, secondsToNextDay } from "./identity-checks.ts";
import definition from "./mock.ts";
import { billOf } from "./sdk.fixture.ts";
import { configOf, creation, faultFrom, wireClient } from "./wire.fixture.ts";

type Request = Input<"identityChecks.create">["body"];

const person = { name: "张三", nationalId: "11010519491231002X" };
const phone = "13800138000";
const bankCardNumber = "6222020200112233445";
const two: Request = { type: "id_two_factor", ...person };
const three: Request = { type: "phone_three_factor", ...person, phone };
const four: Request = { type: "bank_card_four_factor", ...person, phone, bankCardNumber };

let mock: RunningMock;
beforeAll(async () => {
  mock = await startMock(definition);
});
afterAll(async () => {
  expect(mock.violations).toEqual([]);
  await mock.stop();
});

const create = (request: Request) => {
  const config = configOf(mock);
  return identityChecks.create(creation("identityChecks.create", config, request), wireClient(config));
};

describe("identityChecks.create", () => {
  it.each<[string, Request, object]>([
    ["公安 match", { ...two, reference: "KYC-1" }, { verdict: "match", billed: true, reference: "KYC-1" }],
    ["公安 mismatch", { ...two, name: "李不符" }, { verdict: "mismatch", billed: true }],
    ["公安 no record, free", { ...two, name: "李无录" }, { verdict: "no_record", billed: false }],
    ["电信 match", three, { verdict: "match", billed: true, carrier: "china_mobile" }],
    [
      "电信 mismatch of the number",
      { ...three, phone: "13300139943" },
      { verdict: "mismatch", mismatches: ["phone"], carrier: "china_telecom", billed: true },
    ],
    [
      "电信 mismatch of the identity number",
      { ...three, phone: "13000139941" },
      { verdict: "mismatch", mismatches: ["nationalId"], carrier: "china_unicom", billed: true },
    ],
    ["电信 range not supported, free", { ...three, phone: "19200138000" }, { verdict: "inconclusive", billed: false }],
    ["银行卡 match", four, { verdict: "match", billed: true }],
    ["银行卡 holder differs", { ...four, bankCardNumber: "6222020200119906" }, { verdict: "mismatch", billed: true }],
    ["银行卡 no such card", { ...four, bankCardNumber: "6222020200119909" }, { verdict: "no_record", billed: true }],
    ["银行卡 lost card", { ...four, bankCardNumber: "6222020200119913" }, { verdict: "inconclusive", billed: true }],
  ])("%s", async (_name, request, expected) => {
    const before = await billOf(mock);
    const outcome = await create(request);
    expect(outcome).toMatchObject({ outcome: "done", body: { type: request.type, status: "completed", ...expected } });
    const after = await billOf(mock);
    const wasBilled = after.billed > before.billed;
    expect(outcome).toMatchObject({ body: { billed: wasBilled } });
    if (outcome.outcome === "done" && !("mismatches" in expected))
      expect(outcome.body).not.toHaveProperty("mismatches");
  });

  it.each<[string, Request, object]>([
    [
      "a wrong check digit",
      { ...two, nationalId: "110105194912310021" },
      { code: "vendor_rejected", outcome: "rejected" },
    ],
    ["a name of digits", { ...three, name: "12345" }, { code: "vendor_rejected", outcome: "rejected" }],
    [
      "a source that is down",
      { ...two, name: "李库障" },
      { code: "vendor_unavailable", outcome: "not_sent", counts: true },
    ],
    ["a source being upgraded", { ...two, name: "李升级" }, { code: "vendor_unavailable", outcome: "not_sent" }],
    ["the day's limit", { ...four, name: "李超限" }, { code: "quota_exhausted", outcome: "not_sent", counts: false }],
    ["an account in arrears", { ...three, name: "李欠费" }, { code: "vendor_unavailable", outcome: "not_sent" }],
    ["the rate limit", { ...two, name: "李限频" }, { code: "vendor_rate_limited", outcome: "not_sent" }],
    ["an internal error", { ...two, name: "李内错" }, { code: "vendor_fault", outcome: "not_sent" }],
    ["an error nobody knows", { ...two, name: "李新码" }, { code: "vendor_fault", outcome: "unknown" }],
  ])("says no and costs nothing for %s", async (_name, request, expected) => {
    const before = await billOf(mock);
    const fault = await faultFrom(create(request));
    expect(fault).toMatchObject(expected);
    expect(fault.vendor?.adapter).toBe("tencent-faceid");
    expect(`${fault.message}${JSON.stringify(fault.vendor)}`).not.toContain(request.name);
    expect((await billOf(mock)).billed).toBe(before.billed);
  });
});

it("counts the seconds to midnight in China", () => {
  expect(secondsToNextDay(new Date("2026-11-22T15:59:59Z"))).toBe(1);
  expect(secondsToNextDay(new Date("2026-11-22T16:00:00Z"))).toBe(86_400);
});
