import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseJson } from "./index.ts";

const parse = (text: string | Uint8Array, maxDepth = 8) =>
  parseJson(typeof text === "string" ? Buffer.from(text) : text, { maxDepth });

describe("strict JSON", () => {
  it.each([
    ['{"a":1,"a":2}', "duplicate member"],
    ['{"a":1,"\\u0061":2}', "duplicate member"],
    ['[{"b":{"x":1,"x":1}}]', "duplicate member"],
    ['{"a":"\\ud800"}', "lone surrogate"],
    ['{"\\udfff":1}', "lone surrogate"],
    ["[[[[[[[[[1]]]]]]]]]", "too deep"],
    ['{"a":', "not JSON"],
    ['{"a":"x', "not JSON"],
    ["{'a':1}", "not JSON"],
    ["[1,]", "not JSON"],
    ["NaN", "not JSON"],
    ["", "not JSON"],
    ["\ufeff{}", "not JSON"],
  ])("refuses %s: %s", (text, reason) => {
    expect(parse(text)).toEqual({ ok: false, reason });
  });

  it("refuses bytes that are not UTF-8", () => {
    expect(parse(Uint8Array.from([0x22, 0xc3, 0x28, 0x22]))).toEqual({ ok: false, reason: "not UTF-8" });
  });

  it("refuses 20,000 levels without blowing the stack", () => {
    expect(parse("[".repeat(20_000) + "]".repeat(20_000), 32)).toEqual({ ok: false, reason: "too deep" });
  });

  it.each([
    ['{"a":{"a":1,"b":[{"c":1},{"c":1}]},"b":{}}'],
    ['{"a:b":"c:d","e":"\\":\\"","f":"\\\\"}'],
    ['{"__proto__":{"a":1},"constructor":1}'],
  ])("reads %s", (text) => {
    expect(parse(text)).toEqual({ ok: true, value: JSON.parse(text) });
  });

  it.each([
    ['{"__proto__":1,"__proto__":1}'],
    ['{"a":[{"b":1},{"c":1,"c":{}}]}'],
    ['{"a":"\\"","b":":","a":1}'],
    ['{"":1,"":1}'],
  ])("finds the name that is there twice in %s, and in what is broken besides", (text) => {
    expect(parse(text)).toEqual({ ok: false, reason: "duplicate member" });
    expect(parse(`${text},`)).toEqual({ ok: false, reason: "duplicate member" });
  });

  it("allows the same name in sibling objects, and in strings", () => {
    expect(parse('[{"a":1},{"a":2},"a","{\\"a\\":1,\\"a\\":2}"]').ok).toBe(true);
  });

  it("reads whatever JSON.stringify writes, as JSON.parse does", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), (text) => {
        const result = parse(text, 16);
        if (text.isWellFormed() && result.ok) expect(result.value).toEqual(JSON.parse(text));
        else expect(result).toMatchObject({ reason: "lone surrogate" });
      }),
    );
  });
});
