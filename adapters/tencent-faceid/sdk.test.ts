import http from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startMock } from "#mocks";
import type { RunningMock } from "#mocks";
import definition from "./mock.ts";
import { billOf, codeOf, customer, goodKey, keyNamed, sdkClient } from "./sdk.fixture.ts";

const person = { Name: "张三", IdCard: "11010519491231002X" };
const phone = "13800138000";
const card = "6222020200112233445";

let mock: RunningMock;
beforeAll(async () => {
  for (const name of ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY"]) delete process.env[name];
  mock = await startMock(definition);
});
afterAll(async () => {
  expect(mock.violations).toEqual([]);
  await mock.stop();
});

describe("the vendor's SDK, TC3 POST", () => {
  it("checks name and identity number", async () => {
    const answer = await sdkClient(mock).request("IdCardVerification", person);
    expect(answer).toEqual({ Result: "0", Description: "姓名和身份证号一致", RequestId: expect.any(String) });
  });

  it("checks a phone number, and hears what differs in detail mode only", async () => {
    const sent = { ...person, Phone: "13800139941" };
    const simple = await sdkClient(mock).request("PhoneVerification", sent);
    const detailed = await sdkClient(mock).request("PhoneVerification", { ...sent, VerifyMode: "1" });
    expect(simple).toMatchObject({ Result: "-4", Isp: "移动" });
    expect(simple).not.toHaveProperty("ResultDetail");
    expect(detailed).toMatchObject({ Result: "-4", ResultDetail: "PhoneIdCardMismatch" });
  });

  it("checks a bank card", async () => {
    const sent = { ...person, Phone: phone, BankCard: "6222020200119914" };
    expect(await sdkClient(mock).request("BankCard4EVerification", { ...sent, BankCard: card })).toMatchObject({
      Result: "0",
    });
    expect(await sdkClient(mock).request("BankCard4EVerification", { ...sent, CertType: 0 })).toMatchObject({
      Result: "-14",
      Description: "该卡已过期",
    });
  });

  it("opens a face verification, sends the customer there, and reads the result with the vendor's nulls", async () => {
    const client = sdkClient(mock);
    const opened = await client.request("DetectAuth", {
      RuleId: "1",
      ...person,
      RedirectUrl: "https://partner.example/back?order=42",
      Extra: "loan-001",
    });
    const asked = { BizToken: opened.BizToken, RuleId: "1", InfoType: "0" };
    const before = await client.request("GetDetectInfoEnhanced", asked);
    expect(before.Text).toMatchObject({ ErrCode: null, LiveStatus: null, Comparestatus: null, LivenessDetail: [] });
    expect(before).toMatchObject({ IntentionActionResult: null, IsVerifyIntention: false, EncryptedBody: "" });

    const page = await fetch(opened.Url);
    expect(page.status).toBe(200);
    expect(await page.text()).toContain("人脸核身");
    const left = await customer(opened.Url, "pass");
    expect(left).toEqual({
      status: 302,
      location: `https://partner.example/back?order=42&BizToken=${opened.BizToken}`,
    });

    const after = await client.request("GetDetectInfoEnhanced", asked);
    expect(after.Text).toMatchObject({
      ErrCode: 0,
      LiveStatus: 0,
      Comparestatus: 0,
      Sim: "96.57",
      ...person,
      Extra: "loan-001",
    });
    expect(after.Text.LivenessDetail).toHaveLength(1);
    const textOnly = await client.request("GetDetectInfoEnhanced", { ...asked, InfoType: "1" });
    expect(textOnly).toMatchObject({ BestFrame: null, VideoData: null, IdCardData: null });
    expect(await customer(opened.Url, "pass")).toMatchObject({ status: 409 });
  });

  it("hears the vendor's errors", async () => {
    const client = sdkClient(mock);
    const ask = (body: object) => codeOf(client.request("DetectAuth", body));
    expect(await ask({ RuleId: "999", ...person })).toBe("InvalidParameterValue.RuleIdNotExist");
    expect(await ask({ RuleId: "998", ...person })).toBe("InvalidParameterValue.RuleIdDisabled");
    expect(await ask({ RuleId: "1", Name: "张三", IdCard: "11010519491231002x" })).toBe("InvalidParameter");
    const unknown = { BizToken: "81EEF678-28EE-4759-A82E-6CBBBE6BC442", RuleId: "1" };
    expect(await codeOf(client.request("GetDetectInfoEnhanced", unknown))).toBe("InvalidParameter");
    const endings = { 欠费: "UnauthorizedOperation.Arrears", 限频: "RequestLimitExceeded", 内错: "InternalError" };
    for (const [ending, code] of Object.entries(endings)) {
      expect(await codeOf(client.request("IdCardVerification", { ...person, Name: `张${ending}` }))).toBe(code);
    }
    expect(await codeOf(client.request("DescribeEverything", {}))).toBe("InvalidAction");
  });

  it("is told apart by key: wrong, unknown, of another kind, without permission, with a token", async () => {
    const ask = (options: Parameters<typeof sdkClient>[1]) =>
      codeOf(sdkClient(mock, options).request("IdCardVerification", person));
    const { secretId, secretKey } = goodKey(mock);
    expect(await ask({ credential: { secretId, secretKey: `${secretKey}x` } })).toBe("AuthFailure.SignatureFailure");
    expect(await ask({ credential: { secretId: "AKIDnobody", secretKey } })).toBe("AuthFailure.SecretIdNotFound");
    expect(await ask({ credential: { secretId: "LTAInobody", secretKey } })).toBe("AuthFailure.InvalidSecretId");
    expect(await ask({ credential: keyNamed(mock, "mfaKey") })).toBe("AuthFailure.MFAFailure");
    expect(await ask({ credential: keyNamed(mock, "deniedKey") })).toBe("AuthFailure.UnauthorizedOperation");
    expect(await ask({ token: "stolen" })).toBe("AuthFailure.TokenFailure");
    expect(await ask({ version: "2017-03-12" })).toBe("NoSuchVersion");
  });

  it("may name the true host, so that the scope says faceid", async () => {
    const lookup: http.AgentOptions["lookup"] = (_host, options, found) =>
      options.all === true ? found(null, [{ address: "127.0.0.1", family: 4 }]) : found(null, "127.0.0.1", 4);
    const agent = new http.Agent({ lookup });
    const endpoint = `faceid.tencentcloudapi.com:${new URL(mock.origin).port}`;
    const answer = await sdkClient(mock, { endpoint, agent }).request("IdCardVerification", person);
    agent.destroy();
    expect(answer).toMatchObject({ Result: "0" });
    expect(mock.exchanges.at(-1)?.request.headers["authorization"]).toContain("/faceid/tc3_request");
  });
});

describe.each([
  { name: "TC3 GET", options: { reqMethod: "GET" } },
  { name: "HmacSHA256 POST", options: { signMethod: "HmacSHA256" } },
  { name: "HmacSHA1 POST", options: { signMethod: "HmacSHA1" } },
  { name: "HmacSHA256 GET", options: { signMethod: "HmacSHA256", reqMethod: "GET" } },
] as const)("the vendor's SDK, $name", ({ options }) => {
  it("calls every action", async () => {
    const client = sdkClient(mock, options);
    const sent = { ...person, Phone: phone };
    expect(await client.request("IdCardVerification", person)).toMatchObject({ Result: "0" });
    expect(await client.request("PhoneVerification", sent)).toMatchObject({ Result: "0" });
    const paid = { ...sent, BankCard: card, CertType: 0 };
    expect(await client.request("BankCard4EVerification", paid)).toMatchObject({ Result: "0" });
    const opened = await client.request("DetectAuth", { RuleId: "1", ...person });
    await customer(opened.Url, "fail");
    const asked = { BizToken: opened.BizToken, RuleId: "1", InfoType: "1", IsCutIdCardImage: false };
    expect((await client.request("GetDetectInfoEnhanced", asked)).Text).toMatchObject({ ErrCode: 2016, Sim: "41.32" });
  });

  it("hears errors, also that its key is wrong", async () => {
    const { secretId } = goodKey(mock);
    const wrong = sdkClient(mock, { ...options, credential: { secretId, secretKey: "guessed-guessed-guessed" } });
    expect(await codeOf(wrong.request("IdCardVerification", person))).toBe("AuthFailure.SignatureFailure");
    const client = sdkClient(mock, options);
    expect(await codeOf(client.request("IdCardVerification", { Name: "张三" }))).toBe("MissingParameter");
    expect(await codeOf(client.request("IdCardVerification", { ...person, Colour: "red" }))).toBe("UnknownParameter");
  });
});

it("bills what the vendor documents as charged, and nothing else", async () => {
  const client = sdkClient(mock);
  const before = await billOf(mock);
  await client.request("IdCardVerification", { ...person, Name: "李不符" });
  await client.request("IdCardVerification", { ...person, Name: "李无录" });
  await client.request("IdCardVerification", { ...person, Name: "李库障" });
  await client.request("PhoneVerification", { ...person, Phone: "13800139913" });
  await codeOf(client.request("IdCardVerification", { ...person, Name: "李停服" }));
  const { entries } = await billOf(mock);
  const added = entries.slice(before.calls);
  expect(added.map(({ result, billed }) => [result, billed])).toEqual([
    ["-1", true],
    ["-5", false],
    ["-4", false],
    ["-13", false],
    ["ServiceUnavailable", false],
  ]);
  expect(JSON.stringify(entries)).not.toContain(person.IdCard);
});
