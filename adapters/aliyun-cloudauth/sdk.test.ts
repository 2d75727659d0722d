import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startMock } from "#mocks";
import type { RunningMock } from "#mocks";
import definition from "./mock.ts";
import { billOf, customer, until } from "./road.fixture.ts";
import { ask, errorOf, goodKey, keyNamed, sdkClient } from "./sdk.fixture.ts";

let mock: RunningMock;
beforeAll(async () => {
  mock = await startMock(definition);
});
afterAll(async () => {
  expect(mock.violations).toEqual([]);
  await mock.stop();
});

describe.each([
  ["ACS3-HMAC-SHA256", {}],
  ["the older signature", { signatureAlgorithm: "v2" as const }],
])("the vendor's SDK, %s", (_name, options) => {
  const client = () => sdkClient(mock, options);

  it("checks name and identity number", async () => {
    const body = await ask.id(client());
    expect(body).toMatchObject({ code: "200", message: "success", resultObject: { bizCode: "1" } });
    expect(await ask.id(client(), { userName: "李不符" })).toMatchObject({ resultObject: { bizCode: "2" } });
  });

  it("checks a phone number, and hears what differs and whose it is", async () => {
    expect(await ask.phone(client(), { mobile: "13300199202" })).toMatchObject({
      resultObject: { bizCode: "2", subCode: "202", ispName: "CTCC" },
    });
  });

  it("checks a bank card", async () => {
    expect(await ask.card(client())).toMatchObject({ resultObject: { bizCode: "1", subCode: "101" } });
    expect(await ask.card(client(), { bankCard: "6222020299210" })).toMatchObject({ resultObject: { subCode: "210" } });
  });

  it("opens a face verification, sends the customer there, and reads the result", async () => {
    const opened = await ask.open(client(), { model: "MULTI_ACTION" });
    const { certifyId = "", certifyUrl = "" } = opened?.resultObject ?? {};
    expect(await ask.describe(client(), certifyId)).toMatchObject({ code: "424" });
    const page = await fetch(certifyUrl);
    expect(await page.text()).toContain("实人认证");
    expect(await customer(certifyUrl, "abandon")).toMatchObject({ status: 302 });
    expect(await customer(certifyUrl, "pass")).toEqual({
      status: 302,
      location: "https://partner.example/back?order=42",
    });
    expect(await customer(certifyUrl, "pass")).toMatchObject({ status: 409 });
    const ended = await ask.describe(client(), certifyId);
    expect(ended).toMatchObject({ code: "200", resultObject: { passed: "T", subCode: "200" } });
    expect(JSON.parse(ended?.resultObject?.materialInfo ?? "")).toMatchObject({
      faceAttack: "F",
      facialPictureFront: { verifyScore: expect.any(Number) },
    });
  });

  it("hears the product's refusals, which are no exceptions", async () => {
    expect(await ask.id(client(), { identifyNum: "110105194912310021" })).toMatchObject({ code: "401" });
    expect(await ask.id(client(), { userName: "李欠费" })).toMatchObject({ code: "412", message: "欠费中" });
    expect(await ask.open(client(), { sceneId: 7 })).toMatchObject({ code: "404" });
    expect(await ask.open(client(), { callbackUrl: "http://partner.example/cb" })).toMatchObject({ code: "401" });
    expect(await ask.describe(client(), "nobody's")).toMatchObject({ code: "406" });
  });

  it("throws what the gateway in front refuses", async () => {
    const good = goodKey(mock);
    const checkWith = (key: typeof good) => errorOf(ask.id(sdkClient(mock, { ...options, key })));
    expect(await checkWith({ ...good, accessKeySecret: "guessed-guessed-guessed" })).toMatch(/ SignatureDoesNotMatch$/);
    expect(await checkWith({ ...good, accessKeyId: "LTAI5tNobody" })).toMatch(/ InvalidAccessKeyId.NotFound$/);
    expect(await checkWith(keyNamed(mock, "inactiveKey"))).toMatch(/ InvalidAccessKeyId.Inactive$/);
    expect(await checkWith(keyNamed(mock, "deniedKey"))).toMatch(/ NoPermission$/);
    expect(await errorOf(ask.id(client(), { userName: "李限频" }))).toMatch(/ Throttling.User$/);
    expect(await errorOf(ask.id(client(), { userName: "李停服" }))).toMatch(/ ServiceUnavailable$/);
  });
});

it("is asked for nothing by the SDK that the product calls empty", async () => {
  // What lacks a parameter leaves the spec too, so that this has a vendor of its own.
  const other = await startMock(definition);
  try {
    const client = sdkClient(other);
    expect(await ask.id(client, { userName: "" })).toMatchObject({ code: "400", message: "参数不能为空" });
    expect(await ask.card(client, { mobile: "" })).toMatchObject({ code: "400" });
    expect(await ask.describe(client, undefined)).toMatchObject({ code: "400" });
    expect(other.violations.length).toBeGreaterThan(0);
  } finally {
    await other.stop();
  }
});

it("calls back by GET until it is answered 200, twice at most", async () => {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`);
    response.writeHead(seen.length === 1 ? 503 : 200).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const callbackUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/cb?a=b`;
  try {
    const open = async (callbackToken: string) =>
      (await ask.open(sdkClient(mock), { callbackUrl, callbackToken }))?.resultObject;
    const [left, failed] = await Promise.all([open("left"), open("t&k")]);
    await customer(left?.certifyUrl ?? "", "abandon");
    await customer(failed?.certifyUrl ?? "", "fail", "205");
    await until("it was called twice", () => seen.length === 2);
    const called = `GET /cb?a=b&callbackToken=t%26k&certifyId=${failed?.certifyId}&passed=205`;
    expect(seen).toEqual([called, called]);
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
});

it("bills what the vendor documents as charged, and nothing else", async () => {
  const client = sdkClient(mock);
  const before = await billOf(mock);
  await ask.id(client, { userName: "李不符" });
  await ask.id(client, { userName: "李无录" });
  await ask.card(client, { bankCard: "6222020299302" });
  await ask.id(client, { userName: "李库障" });
  await errorOf(ask.id(client, { userName: "李停服" }));
  for (const code of ["206", "209"]) {
    const opened = await ask.open(client);
    await customer(opened?.resultObject?.certifyUrl ?? "", "fail", code);
  }
  const { entries } = await billOf(mock);
  expect(entries.slice(before.calls).map(({ result, billed }) => [result, billed])).toEqual([
    ["2", true],
    ["3", false],
    ["3/302", false],
    ["402", false],
    ["ServiceUnavailable", false],
    ["200", false],
    ["206", true],
    ["200", false],
    ["209", false],
  ]);
  expect(JSON.stringify(entries)).not.toContain("11010519491231002X");
});
