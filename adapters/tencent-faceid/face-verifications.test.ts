import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Input, Outcome, VendorClient } from "#capability";
import { startMock } from "#mocks";
import type { RunningMock } from "#mocks";
import { faceVerifications } from "./face-verifications.ts";
import definition from "./mock.ts";
import { customer } from "./sdk.fixture.ts";
import type { operations } from "./vendor.d.ts";
import { configOf, creation, faultFrom, reading, wireClient } from "./wire.fixture.ts";

type Request = Input<"faceVerifications.create">["body"];
type Created = Outcome<"faceVerifications.create">;

const request: Request = {
  name: "张三",
  nationalId: "11010519491231002X",
  returnUrl: "https://partner.example/face?application=42",
  level: "standard",
  reference: "FACE-1",
};

let mock: RunningMock;
beforeAll(async () => {
  mock = await startMock(definition);
});
afterAll(async () => {
  expect(mock.violations).toEqual([]);
  await mock.stop();
});

async function open(changed: Partial<Request> = {}) {
  const config = configOf(mock);
  const call = creation("faceVerifications.create", config, { ...request, ...changed });
  const outcome = await faceVerifications.create(call, wireClient(config));
  const url = outcome.outcome === "done" ? (outcome.body.url ?? "") : "";
  return { call, outcome, url };
}

async function read(
  opened: { call: Awaited<ReturnType<typeof open>>["call"]; outcome: Created | undefined },
  now = new Date(),
) {
  const get = faceVerifications.get;
  if (get === "stored") throw new Error("get asks the vendor");
  return get(reading(opened.call, opened.outcome, now), wireClient(configOf(mock)));
}

describe("a face verification", () => {
  it("waits for the customer, then is verified", async () => {
    const opened = await open();
    expect(opened.outcome).toMatchObject({ outcome: "done", body: { status: "pending", reference: "FACE-1" } });
    expect(await read(opened)).toMatchObject({ body: { status: "pending", url: opened.url } });
    const { location } = await customer(opened.url, "pass");
    expect(location).toMatch(/^https:\/\/partner\.example\/face\?application=42&BizToken=/);
    const verified = await read(opened);
    expect(verified).toMatchObject({ body: { status: "verified", similarity: "96.57", reference: "FACE-1" } });
    expect(verified).not.toHaveProperty("body.url");
    expect(JSON.stringify(verified)).not.toContain(request.nationalId);
  });

  it.each([
    ["another face", {}, 2016, "face_mismatch"],
    ["a photo held up", {}, 1002, "liveness_failed"],
    ["a person whom nobody knows", { name: "李无录" }, undefined, "not_in_database"],
    ["a name that belongs to another number", { name: "李不符" }, undefined, "identity_mismatch"],
    ["a source that gave no photo", { name: "李库障" }, undefined, "vendor_fault"],
  ])("fails for %s", async (_name, changed, code, expected) => {
    const opened = await open(changed);
    await customer(opened.url, code === undefined ? "pass" : "fail", code);
    const failed = await read(opened);
    expect(failed).toMatchObject({ body: { status: "failed", failure: { code: expected } } });
  });

  it("stays pending when the customer leaves, and runs out once nobody can finish it", async () => {
    const opened = await open();
    expect(await customer(opened.url, "abandon")).toMatchObject({ status: 302 });
    expect(await read(opened)).toMatchObject({ body: { status: "pending" } });
    const hours = (count: number) => new Date(opened.call.now.getTime() + count * 3_600_000);
    const get = faceVerifications.get;
    if (get === "stored") throw new Error("get asks the vendor");
    const later = (at: Date) => get(reading(opened.call, opened.outcome, at), wireClient(configOf(mock)));
    expect(await later(hours(2))).toMatchObject({ body: { status: "pending" } });
    expect(await later(hours(2.2))).toMatchObject({
      body: { status: "expired", failure: { code: "session_expired" } },
    });
  });

  it("runs out when the vendor says so", async () => {
    const opened = await open();
    await customer(opened.url, "expire");
    expect(await read(opened)).toMatchObject({ body: { status: "expired" } });
    expect(await customer(opened.url, "pass")).toMatchObject({ status: 410 });
  });

  it("is over if nobody ever learned its token", async () => {
    const { call } = await open();
    expect(await read({ call, outcome: undefined })).toMatchObject({ body: { status: "expired" } });
  });

  it("takes the rule of its level, and none without one", async () => {
    const opened = await open({ level: "enhanced" });
    expect(opened.outcome).toMatchObject({ state: { ruleId: "2" } });
    await customer(opened.url, "pass");
    expect(await read(opened)).toMatchObject({ body: { status: "verified" } });
    const config = configOf(mock, { enhancedRuleId: undefined });
    const call = creation("faceVerifications.create", config, { ...request, level: "enhanced" });
    const fault = await faultFrom(faceVerifications.create(call, wireClient(config)));
    expect(fault).toMatchObject({ code: "operation_unsupported", outcome: "rejected" });
  });

  it("refuses what the vendor would refuse, before anything is sent", async () => {
    const seen = mock.exchanges.length;
    const long = await faultFrom(open({ name: "名".repeat(33) }));
    expect(long).toMatchObject({ code: "request_unsuitable", outcome: "rejected" });
    const far = await faultFrom(open({ returnUrl: `https://partner.example/${"x".repeat(1_010)}` }));
    expect(far.errors).toMatchObject([{ pointer: "/returnUrl" }]);
    expect(mock.exchanges.length).toBe(seen);
  });
});

describe("what the vendor says is not believed when", () => {
  const believed = { ErrCode: 0, LiveStatus: 0, Comparestatus: 0, IdCard: request.nationalId, Sim: "99.00" };
  it.each([
    ["a stage did not pass", { LiveStatus: 1002 }],
    ["a stage is not told", { Comparestatus: null }],
    ["it is about another person", { IdCard: "440305199505132561" }],
    ["it names nobody", { IdCard: null }],
    ["it is about another session", { Extra: "another" }],
  ])("%s", async (_name, changed) => {
    const opened = await open();
    const text = { ...believed, ...changed };
    const vendor = { call: () => Promise.resolve({ body: { Response: { Text: text, RequestId: "r" } } }) };
    const get = faceVerifications.get;
    if (get === "stored") throw new Error("get asks the vendor");
    const asked = get(reading(opened.call, opened.outcome), vendor as unknown as VendorClient<operations>);
    expect(await faultFrom(asked)).toMatchObject({ code: "vendor_invalid_answer", outcome: "unknown", counts: true });
  });
});
