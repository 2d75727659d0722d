import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { errorRow } from "#capability";
import { errors } from "./errors.ts";
import { money, magnitude } from "./money.ts";
import { protocol } from "./protocol.ts";

interface Spec {
  "x-error-codes": Record<string, string>;
  paths: Record<string, { post: { operationId: string; "x-error-codes": Record<string, string> } }>;
}

describe("the error table", () => {
  it("has a row for every code that Plaid documents, and none besides", () => {
    const spec = parse(readFileSync(new URL("./vendor.openapi.yaml", import.meta.url), "utf8")) as Spec;
    const documented = Object.values(spec.paths).flatMap(({ post }) =>
      Object.keys({ ...spec["x-error-codes"], ...post["x-error-codes"] }).map((code): [string, string] => [
        code,
        post.operationId,
      ]),
    );
    for (const [code, operation] of documented) expect(errorRow(errors, code, operation), code).toBeDefined();
    const codes = new Set(documented.map(([code]) => code));
    expect(errors.filter((row) => !codes.has(row.code))).toEqual([]);
    expect(errorRow(errors, "SOMETHING_NEW", "userCreate")).toBeUndefined();
  });
});

describe("Plaid's failures", () => {
  const failure = (body: unknown, headers = {}) => protocol.failure({ status: 400, headers, body }, "userCreate");

  it("are read from the captured shape", () => {
    const body = {
      error_type: "CHECK_REPORT_ERROR",
      error_code: "DATA_UNAVAILABLE",
      error_message: "no data",
      display_message: null,
      request_id: "r",
    };
    expect(failure(body, { "retry-after": "7" })).toEqual({
      code: "DATA_UNAVAILABLE",
      message: "no data",
      retryAfterSeconds: 7,
    });
    expect(failure({ user_id: "usr_1", request_id: "r" })).toBeUndefined();
    expect(failure("<html>")).toBeUndefined();
  });

  it("lose what is personal in their words", () => {
    const error_message = "jane.doe@example.com, +14155550123 and 123-45-6789 are invalid";
    expect(failure({ error_code: "INVALID_FIELD", error_message })?.message).toBe("***, *** and *** are invalid");
  });
});

describe("Plaid's numbers", () => {
  it("become decimal strings of the currency's scale", () => {
    expect(money(5_000, "USD")).toEqual({ amount: "5000.00", currency: "USD" });
    expect(money(4_956.125, "USD")?.amount).toBe("4956.13");
    expect(money(-0.001, "USD")?.amount).toBe("0.00");
    expect(money(1_200, "JPY")?.amount).toBe("1200");
    expect(magnitude(-2_500, "USD")?.amount).toBe("2500.00");
    expect(money(null, "USD")).toBeUndefined();
    expect(money(1, null)).toBeUndefined();
  });

  it("are refused when they cannot be money", () => {
    expect(() => money(1e13, "USD")).toThrow();
    expect(() => money(1, "usd")).toThrow();
  });
});
