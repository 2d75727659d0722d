import { describe, expect, it } from "vitest";
import { newId } from "./ids.ts";

describe("an id", () => {
  it("has its prefix and 22 characters of base 62, and is never the same twice", () => {
    const ids = Array.from({ length: 5_000 }, () => newId("ins"));
    for (const id of ids) expect(id).toMatch(/^ins_[0-9A-Za-z]{22}$/);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("made later comes later in the order of texts", async () => {
    const ids: string[] = [];
    for (let made = 0; made < 20; made += 1) {
      ids.push(newId("ins"));
      await new Promise((resolve) => {
        setTimeout(resolve, 3);
      });
    }
    expect(ids.toSorted()).toEqual(ids);
  });

  it("uses every character about as often where it is random", () => {
    const counts = new Map<string, number>();
    const draws = 4_000;
    for (let made = 0; made < draws; made += 1)
      for (const character of newId("x").slice(-14)) counts.set(character, (counts.get(character) ?? 0) + 1);
    const even = (draws * 14) / 62;
    expect(counts.size).toBe(62);
    for (const count of counts.values()) expect(Math.abs(count - even)).toBeLessThan(even * 0.25);
  });
});
