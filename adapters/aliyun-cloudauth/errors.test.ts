import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { errorRow } from "#capability";
import { errors } from "./errors.ts";

/** The codes under each `x-error-codes` of the vendor's spec. */
function documentedCodes(): string[] {
  const lines = readFileSync(new URL("./vendor.openapi.yaml", import.meta.url), "utf8").split("\n");
  const codes = new Set<string>();
  let listIndent: number | undefined;
  for (const line of lines) {
    const indent = line.search(/\S/);
    if (line.trim() === "x-error-codes:") listIndent = indent;
    else if (listIndent !== undefined && indent <= listIndent) listIndent = undefined;
    else if (listIndent !== undefined) codes.add((line.trim().split(":")[0] ?? "").replaceAll('"', ""));
  }
  return [...codes];
}

describe("the error table", () => {
  it("has a row for every documented code", () => {
    const codes = documentedCodes();
    expect(codes.length).toBeGreaterThan(40);
    expect(codes).toContain("SignatureNonceUsed");
    expect(codes.filter((code) => errorRow(errors, code, "Id2MetaVerify") === undefined)).toEqual([]);
  });

  it("has no row that an earlier one hides", () => {
    const hidden = errors.filter((row) => {
      const operation = row.operation ?? "Id2MetaVerify";
      return errorRow(errors, row.code.replace("*", "Anything"), operation) !== row;
    });
    expect(hidden).toEqual([]);
  });

  it("gives a code that is not in it to nobody", () => {
    expect(errorRow(errors, "599", "Id2MetaVerify")).toBeUndefined();
  });
});
