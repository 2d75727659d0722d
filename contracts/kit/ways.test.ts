import { expect, it } from "vitest";
import { withoutQuestions } from "./ways.ts";

it("takes a key that only first calls fetch for kept, and a question that a slow first call asked for none", () => {
  const refund = { calls: ["refund"], cached: ["keys", "refund.query"] };
  const asked = { calls: ["refund.query"], cached: [] };
  expect(withoutQuestions([refund, asked]).map(({ cached }) => cached)).toEqual([["keys"], []]);
});
