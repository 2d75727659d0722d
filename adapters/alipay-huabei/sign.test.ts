import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { rawMembers } from "./answer.ts";
import { rsa2, signedText, verifiesRsa2 } from "./sign.ts";
import { gmt8, instantOf } from "./time.ts";

const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });

describe("the signed text", () => {
  it("is that of a request which the vendor's SDK signed: raw values, sign_type included, sign left out", () => {
    // captures/alipay/01: URL parameters and form body as they were sent.
    const query = new URLSearchParams(
      "method=alipay.trade.create&app_id=2021000000000001&charset=utf-8&version=1.0&sign_type=RSA2" +
        "&timestamp=2026-11-22+10%3A17%3A38&notify_url=http%3A%2F%2F127.0.0.1%3A9%2Fnotify&sign=abc",
    );
    const form = new URLSearchParams("biz_content=%7B%22subject%22%3A%22%E5%88%86%E6%9C%9F%22%7D");
    expect(signedText([...query, ...form], ["sign"])).toBe(
      'app_id=2021000000000001&biz_content={"subject":"分期"}&charset=utf-8&method=alipay.trade.create' +
        "&notify_url=http://127.0.0.1:9/notify&sign_type=RSA2&timestamp=2026-11-22 10:17:38&version=1.0",
    );
  });

  it("leaves out sign_type for a notification, and every empty value", () => {
    const form: [string, string][] = [
      ["b", "100%"],
      ["sign_type", "RSA2"],
      ["a", "1"],
      ["empty", ""],
      ["sign", "x"],
    ];
    expect(signedText(form, ["sign", "sign_type"])).toBe("a=1&b=100%");
  });

  it("sorts by character code, not by any language's order", () => {
    expect(signedText(Object.entries({ b: "1", B: "2", a_b: "3", ab: "4" }), [])).toBe("B=2&a_b=3&ab=4&b=1");
  });
});

describe("RSA2", () => {
  it("verifies its own and nothing else", () => {
    const signature = rsa2("金额=1", privateKey);
    expect(verifiesRsa2("金额=1", signature, publicKey)).toBe(true);
    expect(verifiesRsa2("金额=2", signature, publicKey)).toBe(false);
    expect(verifiesRsa2("金额=1", "", publicKey)).toBe(false);
    expect(verifiesRsa2("金额=1", `${signature} `, publicKey)).toBe(false);
    expect(verifiesRsa2("金额=1", signature.replace(/=+$/, ""), publicKey)).toBe(false);
  });
});

describe("an answer's members", () => {
  const split = (text: string) => rawMembers(Buffer.from(text));

  it("are its exact text, as in a captured answer", () => {
    // captures/alipay/04
    const value = '{"code":"40004","msg":"Business Failed","sub_code":"ACQ.TRADE_NOT_EXIST","sub_msg":"交易不存在"}';
    const members = split(`{"alipay_trade_query_response":${value},"sign":"as6F=="}`);
    expect(members.text.get("alipay_trade_query_response")).toBe(value);
    expect(members.sign).toBe("as6F==");
  });

  it("keep escapes, spaces and order, and are not fooled by braces, quotes or a sign inside", () => {
    const value = String.raw`{ "b": "\/ \"}, \\", "sign":"inner", "a":[{"sign":1}] , "n":1.10 }`;
    const members = split(` {\n "x_response" : ${value} ,"sign":"outer" }\n`);
    expect(members.text.get("x_response")).toBe(value);
    expect(members.sign).toBe("outer");
  });

  it.each([
    ["a name twice", '{"x_response":{"code":"10000"},"x_response":{"code":"40004"},"sign":"s"}'],
    ["a name twice, once escaped", String.raw`{"sign":"a","x":{},"sig\u006e":"b"}`],
    ["a list", '[{"sign":"s"}]'],
    ["no JSON", '{"x_response":{"code":"10000"}'],
    ["nothing", ""],
  ])("are refused for %s", (_, text) => {
    expect(() => split(text)).toThrow(SyntaxError);
  });

  it("are refused if the bytes are not UTF-8", () => {
    expect(() => rawMembers(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]))).toThrow(SyntaxError);
  });

  it("have no sign unless it is a string", () => {
    expect(split('{"error_response":{}}').sign).toBeUndefined();
    expect(split('{"error_response":{},"sign":null}').sign).toBeUndefined();
  });
});

describe("Alipay's clock", () => {
  it("is eight hours ahead, over midnight too, and reads back", () => {
    const at = new Date("2026-12-31T17:05:09.000Z");
    expect(gmt8(at)).toBe("2027-01-01 01:05:09");
    expect(instantOf("2027-01-01 01:05:09")).toEqual(at);
    expect(instantOf("2027-13-01 01:05:09")).toBeUndefined();
    expect(instantOf("yesterday")).toBeUndefined();
  });
});
