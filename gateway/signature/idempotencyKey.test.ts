import { describe, expect, it } from "vitest";
import { readIdempotencyKey } from "./index.ts";

describe("an Idempotency-Key field", () => {
  it.each([
    ['"8e03978e-40d5"', "8e03978e-40d5"],
    ["8e03978e-40d5", "8e03978e-40d5"],
    [`"${"k".repeat(255)}"`, "k".repeat(255)],
  ])("%s is one key, quoted or bare", (field, key) => {
    expect(readIdempotencyKey(field)).toBe(key);
  });

  it.each(["", '"', '""', '"a', 'a"', 'a"b', '"a\\"b"', '"a b"', "a b", '"a";b=1', "ключ", "k".repeat(256)])(
    "%j is none",
    (field) => {
      expect(readIdempotencyKey(field)).toBeUndefined();
    },
  );
});
