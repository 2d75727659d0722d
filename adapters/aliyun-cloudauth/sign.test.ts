import { describe, expect, it } from "vitest";
import type { WireRequest } from "#mocks";
import { verifyAcs3 } from "./mock/acs3.ts";
import { verifyRpc } from "./mock/rpc.ts";
import { authorization, canonicalQuery, contentHash } from "./sign.ts";

/** The worked example of the vendor's document "V3版本请求体&签名机制" (ecs RunInstances). */
const key = { accessKeyId: "YourAccessKeyId", accessKeySecret: "YourAccessKeySecret" };
const query = "ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd&RegionId=cn-shanghai";
const signed = {
  host: "ecs.cn-shanghai.aliyuncs.com",
  "x-acs-action": "RunInstances",
  "x-acs-content-sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  "x-acs-date": "2023-10-26T10:22:32Z",
  "x-acs-signature-nonce": "3156853299f313e23d1673dc12e1703d",
  "x-acs-version": "2014-05-26",
};
const published =
  "ACS3-HMAC-SHA256 Credential=YourAccessKeyId," +
  "SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version," +
  "Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0";

function wire(target: string, headers: Record<string, string>, body = ""): WireRequest {
  const [path = "", search = ""] = target.split("?");
  return {
    method: "POST",
    target,
    path,
    query: new URLSearchParams(search),
    headers,
    rawHeaders: [],
    body: Buffer.from(body),
  };
}

describe("the vendor's worked example", () => {
  it("comes out of authorization as published", () => {
    const body = Buffer.alloc(0);
    expect(contentHash(body)).toBe(signed["x-acs-content-sha256"]);
    expect(authorization({ method: "POST", path: "/", query, headers: signed, body }, key)).toBe(published);
  });

  it("is taken by the mock, its query in any order, and not with a byte of anything changed", () => {
    const headers = { ...signed, authorization: published };
    const turned = query.split("&").toReversed().join("&");
    expect(verifyAcs3(wire(`/?${query}`, headers), [key])).toBe(key);
    expect(verifyAcs3(wire(`/?${turned}`, headers), [key])).toBe(key);
    expect(() => verifyAcs3(wire(`/?${query}1`, headers), [key])).toThrow(/not matched/);
    expect(() => verifyAcs3(wire(`/?${query}`, headers, "a=b"), [key])).toThrow(/not matched/);
    for (const name of Object.keys(signed)) {
      const changed = { ...headers, [name]: `${headers[name as keyof typeof headers]}1` };
      expect(() => verifyAcs3(wire(`/?${query}`, changed), [key]), name).toThrow(/not matched/);
    }
    expect(() => verifyAcs3(wire(`/?${query}`, { ...headers, "x-acs-region-id": "cn" }), [key])).toThrow(/not signed/);
  });

  it("of the older signature (ecs DescribeRegions) is taken by the mock", () => {
    const old = { accessKeyId: "testid", accessKeySecret: "testsecret" };
    const parameters = new Map([
      ["Timestamp", "2016-02-23T12:46:24Z"],
      ["Format", "XML"],
      ["AccessKeyId", "testid"],
      ["Action", "DescribeRegions"],
      ["SignatureMethod", "HMAC-SHA1"],
      ["SignatureNonce", "3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf"],
      ["Version", "2014-05-26"],
      ["SignatureVersion", "1.0"],
      ["Signature", "OLeaidS1JvxuMvnyHOwuJ+uX5qY="],
    ]);
    expect(verifyRpc("GET", parameters, [old])).toBe(old);
    expect(() => verifyRpc("POST", parameters, [old])).toThrow(/not matched/);
    expect(() => verifyRpc("GET", new Map(parameters).set("Action", "x"), [old])).toThrow(/not matched/);
  });
});

it("encodes a query as RFC 3986 says, sorted by name", () => {
  const given = [
    ["b", "!'()*~"],
    ["a c", "欧 +/="],
  ] as const;
  expect(canonicalQuery(given)).toBe("a%20c=%E6%AC%A7%20%2B%2F%3D&b=%21%27%28%29%2A~");
});
