import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { errorRow } from "#capability";
import { errors } from "./errors.ts";
import { protocol } from "./protocol.ts";

const spec = readFileSync(new URL("./vendor.openapi.yaml", import.meta.url), "utf8");
const documented = [...spec.matchAll(/^ {2,}"?((?:ACQ|AQC|aop|isp|isv)\.[\w.-]+|[24]\d{4})"?: \p{Script=Han}/gmu)].map(
  (match) => match[1] ?? "",
);

describe("the error table", () => {
  it("has a row for every code that the vendor's file documents", () => {
    expect(documented.length).toBeGreaterThan(90);
    expect(documented.filter((code) => errorRow(errors, code, "any") === undefined)).toEqual([]);
  });

  it("says unknown where it may have happened, and never a no where an earlier attempt stands", () => {
    for (const code of ["20000", "ACQ.SYSTEM_ERROR", "aop.unknow-error", "isp.unknow-error"]) {
      expect(errorRow(errors, code, "alipay.trade.pay")).toMatchObject({ outcome: "unknown" });
    }
    for (const code of ["ACQ.TRADE_HAS_SUCCESS", "ACQ.CONTEXT_INCONSISTENT", "ACQ.TRADE_BUYER_NOT_MATCH"]) {
      expect(errorRow(errors, code, "alipay.trade.create")).toMatchObject({ outcome: "unknown" });
    }
    expect(errorRow(errors, "ACQ.NEW_CODE", "alipay.trade.pay")).toBeUndefined();
  });
});

describe("a refusal", () => {
  const failure = (value: object, operation = "alipay.trade.create", key = "alipay_trade_create_response") =>
    protocol.failure({ status: 200, headers: {}, body: { [key]: value, sign: "x" } }, operation);

  it("is sub_code where there is one, else code", () => {
    const said = { code: "40004", msg: "Business Failed", sub_code: "ACQ.TRADE_NOT_EXIST", sub_msg: "交易不存在" };
    expect(failure(said)).toEqual({ code: "ACQ.TRADE_NOT_EXIST", message: "交易不存在" });
    expect(failure({ code: "20000", msg: "Service Currently Unavailable" })).toEqual({
      code: "20000",
      message: "Service Currently Unavailable",
    });
    expect(failure({ code: "10000", msg: "Success" })).toBeUndefined();
  });

  it("is also error_response, and 10003 anywhere but in alipay.trade.pay", () => {
    const gateway = { code: "40002", msg: "Invalid Arguments", sub_code: "isv.invalid-app-id" };
    expect(failure(gateway, "alipay.trade.query", "error_response")).toMatchObject({ code: "isv.invalid-app-id" });
    const waits = { code: "10003", msg: "order success pay inprocess" };
    expect(failure(waits)).toMatchObject({ code: "10003" });
    expect(failure(waits, "alipay.trade.pay", "alipay_trade_pay_response")).toBeUndefined();
  });

  it("does not pass on the request that Alipay quotes", () => {
    const quoted =
      "验签出错，建议检查签名字符串或签名私钥与应用公钥是否匹配，网关生成的验签字符串为：app_id=1&amp;biz_content={buyer}";
    const said = failure({
      code: "40002",
      msg: "Invalid Arguments",
      sub_code: "isv.invalid-signature",
      sub_msg: quoted,
    });
    expect(said?.message).toBe("验签出错，建议检查签名字符串或签名私钥与应用公钥是否匹配");
  });
});
