import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { WireRequest } from "#mocks";
import { verifyTc3 } from "./mock/tc3.ts";
import { verifyV1 } from "./mock/v1.ts";
import { authorization } from "./sign.ts";

/** The key pair of the vendor's older signature document, and of the captured requests. */
const key = { secretId: "AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE", secretKey: "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE" };

function wire(method: string, target: string, headers: Record<string, string>, body: string): WireRequest {
  const path = target.split("?")[0] ?? "";
  const query = new URLSearchParams(target.slice(path.length));
  return { method, target, path, query, headers, rawHeaders: [], body: Buffer.from(body) };
}

/** The worked example of the vendor's document "签名方法 v3" (cvm DescribeInstances). */
const example = {
  host: "cvm.tencentcloudapi.com",
  contentType: "application/json; charset=utf-8",
  timestampSeconds: 1_551_113_065,
  body: '{"Limit": 1, "Filters": [{"Values": ["\\u672a\\u547d\\u540d"], "Name": "instance-name"}]}',
};

describe("the vendor's worked example", () => {
  it("comes out of authorization as published; the published key is asterisks", () => {
    const { host, contentType, timestampSeconds, body } = example;
    const masked = "*".repeat(32);
    expect(createHash("sha256").update(body).digest("hex")).toBe(
      "35e9c5b0e3ae67532d3c9f17ead6c90222632e5b1ff7f6e89887f1398934f064",
    );
    const header = authorization(
      {
        method: "POST",
        url: new URL(`https://${host}/`),
        host,
        contentType,
        action: "DescribeInstances",
        body: Buffer.from(body),
        timestampSeconds,
      },
      "cvm",
      { secretId: `AKID${masked}`, secretKey: masked },
    );
    expect(header).toBe(
      `TC3-HMAC-SHA256 Credential=AKID${masked}/2019-02-25/cvm/tc3_request, ` +
        "SignedHeaders=content-type;host;x-tc-action, " +
        "Signature=10b1a37a7301a02ca19a647ad722d5e43b4b3cff309d421d85b46093f6ab6c4f",
    );
  });

  it("is taken by the mock as the older document signed it, without the action", () => {
    const headers = {
      host: example.host,
      "content-type": example.contentType,
      "x-tc-timestamp": `${example.timestampSeconds}`,
      authorization:
        `TC3-HMAC-SHA256 Credential=${key.secretId}/2019-02-25/cvm/tc3_request, SignedHeaders=content-type;host, ` +
        "Signature=72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168",
    };
    const now = new Date(example.timestampSeconds * 1000);
    expect(verifyTc3(wire("POST", "/", headers, example.body), [key], now)).toBe(key);
  });
});

/** Requests that SDK 4.1.313 sent to a local server, with the document's key pair. */
describe("the mock's verifiers, against captured requests", () => {
  const timestamp = "1795341823";
  const now = new Date(Number(timestamp) * 1000);
  const host = "127.0.0.1:38309";
  const tc3 = (service: string, signature: string) =>
    `TC3-HMAC-SHA256 Credential=${key.secretId}/2026-11-22/${service}/tc3_request, ` +
    `SignedHeaders=content-type;host, Signature=${signature}`;
  const person = '{"IdCard":"11010519491231002X","Name":"张三"}';

  it.each([
    {
      name: "04 IdCardVerification",
      body: person,
      authorization: tc3("127", "da7323f97e8b84b59101957ecdec1867e7b2edddd20c331ea2b779e0a9f3ce69"),
    },
    {
      name: "05 PhoneVerification",
      body: '{"IdCard":"11010519491231002X","Name":"张三","Phone":"13800138000","VerifyMode":"1"}',
      authorization: tc3("127", "0c765290b72e635aef4d404e9b84209eaed22864177c4df646523c79bb6a9ac3"),
    },
    {
      name: "06 BankCard4EVerification",
      body: '{"Name":"张三","BankCard":"6225768888888888","Phone":"13800138000","IdCard":"11010519491231002X"}',
      authorization: tc3("127", "cab71386462137e89f5e153ab35bc63554446860badcf0b7bc7330037ca8e71a"),
    },
    {
      name: "01 DetectAuth",
      body: '{"RuleId":"1","IdCard":"11010519491231002X","Name":"张三","RedirectUrl":"https://m.example/cb","Extra":"loan-001"}',
      authorization: tc3("127", "dc9d547c6e758627e95325c130b8058e2c1a1fe06cb7177d5bd3625674ce81f7"),
    },
    {
      name: "02 GetDetectInfoEnhanced",
      body: '{"BizToken":"CE661F1A","RuleId":"1","InfoType":"0"}',
      authorization: tc3("127", "8b662a612f461c4fe7f7e521b0168e70668b4d5eee7071d572f2f10491bf807b"),
    },
    {
      name: "12 the true host name",
      body: person,
      host: "faceid.tencentcloudapi.com:38309",
      authorization: tc3("faceid", "0f3871e54259e79e2f1b8b56bb713d9efbf62e6caa85d98b123a5eb1b32fcef9"),
    },
  ])("takes $name, and not with a byte changed", ({ body, authorization: signed, host: named }) => {
    const headers = {
      host: named ?? host,
      "content-type": "application/json",
      "x-tc-timestamp": timestamp,
      authorization: signed,
    };
    expect(verifyTc3(wire("POST", "/", headers, body), [key], now)).toBe(key);
    expect(() => verifyTc3(wire("POST", "/", headers, `${body} `), [key], now)).toThrow(/signature/);
    const late = new Date(now.getTime() + 301_000);
    expect(() => verifyTc3(wire("POST", "/", headers, body), [key], late)).toThrow(/timestamp/);
  });

  it("takes 14 TC3 GET, and not with another query", () => {
    const headers = {
      host,
      "content-type": "application/x-www-form-urlencoded",
      "x-tc-timestamp": timestamp,
      authorization: tc3("127", "9b6dfa34012fcaf7545784efff350f0e6391bc58d61e0ceafb28598982907f1b"),
    };
    const target = "/?IdCard=11010519491231002X&Name=%E5%BC%A0%E4%B8%89";
    expect(verifyTc3(wire("GET", target, headers, ""), [key], now)).toBe(key);
    expect(() => verifyTc3(wire("GET", `${target}x`, headers, ""), [key], now)).toThrow(/signature/);
  });

  it("takes 13 HmacSHA256 v1, and not with another name", () => {
    const body =
      "IdCard=11010519491231002X&Name=%E5%BC%A0%E4%B8%89&Action=IdCardVerification&RequestClient=SDK_NODEJS_4.1.313&" +
      "Nonce=21674&Timestamp=1795341823&Version=2018-03-01&SecretId=AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE&" +
      "Region=ap-guangzhou&SignatureMethod=HmacSHA256&Signature=DG9bBw683PkPNVDidGYjmO%2Fjk7XXldidE99P74DlbVU%3D";
    const request = wire("POST", "/", { host }, body);
    const form = new Map(new URLSearchParams(body));
    expect(verifyV1(request, form, [key], now)).toBe(key);
    expect(() => verifyV1(request, new Map(form).set("Name", "李四"), [key], now)).toThrow(/signature/);
  });
});
