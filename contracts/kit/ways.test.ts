import { expect, it } from "vitest";
import { keptBetween } from "./ways.ts";

it("takes for kept what only the first call fetched, and nothing of a second one that needed no vendor", () => {
  expect(keptBetween(["token", "refund"], ["refund"])).toEqual(["token"]);
  expect(keptBetween(["refund.query"], [])).toEqual([]);
  expect(keptBetween(["refund"], ["refund"])).toEqual([]);
});
