import { describe, expect, it } from "vitest";
import { failureOf, verdictOf } from "./face-results.ts";
import { bankMeaning, phoneMeaning } from "./identity-results.ts";

const invalid = expect.objectContaining({ code: "vendor_invalid_answer", outcome: "unknown", counts: true });
const thrownBy = (run: () => unknown): unknown => {
  try {
    return run();
  } catch (error) {
    return error;
  }
};

describe("what the vendor says is not believed when", () => {
  it.each<[string, () => unknown]>([
    ["a face passed with a code of failure", () => verdictOf({ Passed: "T", SubCode: "204" })],
    ["a face failed with the code of success", () => verdictOf({ Passed: "F", SubCode: "200" })],
    [
      "a face passed that was an attack",
      () => verdictOf({ Passed: "T", SubCode: "200", MaterialInfo: '{"faceAttack":"T"}' }),
    ],
    ["its material is no JSON", () => verdictOf({ Passed: "T", SubCode: "200", MaterialInfo: "{" })],
    [
      "a score is out of range",
      () => verdictOf({ Passed: "T", SubCode: "200", MaterialInfo: '{"facialPictureFront":{"verifyScore":101}}' }),
    ],
    ["a phone agrees and differs", () => phoneMeaning({ BizCode: "1", SubCode: "203" })],
    ["a card agrees and was not found", () => bankMeaning({ BizCode: "1", SubCode: "301" })],
  ])("%s", (_name, run) => {
    expect(thrownBy(run)).toEqual(invalid);
  });
});

describe("what the vendor may say beyond its list", () => {
  it("fails a face for the vendor's own reason", () => {
    expect(failureOf("299")).toMatchObject({ code: "vendor_rejected", vendor: { code: "299" } });
  });

  it("is no verdict on a person's card, and never a match", () => {
    expect(bankMeaning({ BizCode: "2", SubCode: "299" })).toEqual({ verdict: "inconclusive", billed: true });
    expect(bankMeaning({ BizCode: "1", SubCode: "102" })).toMatchObject({ verdict: "inconclusive" });
  });

  it("tells no similarity without a score", () => {
    expect(verdictOf({ Passed: "T", SubCode: "210", MaterialInfo: null })).toEqual({ status: "verified" });
  });
});
