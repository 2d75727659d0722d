import { afterEach, describe, expect, it, vi } from "vitest";
import { deriveReference, newId } from "./ids.ts";

afterEach(() => vi.useRealTimers());

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

  it("begins with its time, and leaves those made before as they are", () => {
    vi.useFakeTimers();
    const times = [0, 61, 62, 1_790_000_000_000, 62 ** 8 - 1];
    const ids = times.map((ms) => {
      vi.setSystemTime(ms);
      return newId("ins");
    });
    const begins = ["00000000", "0000000z", "00000010", "0VVrda1w", "zzzzzzzz"];
    expect(ids.map((id) => id.slice("ins_".length, -14))).toEqual(begins);
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

describe("a reference", () => {
  // Vendors know what was made by it: derived otherwise after an upgrade, a retry would be another order.
  it("is derived as it always was", () => {
    const claim = { partner: "p", operationId: "instalments.create", key: "k", id: "in_0VXyz12Aabcdefghijklmn" };
    expect(deriveReference(claim)).toBe("01a137fed002633af7a7d19d443cbbae");
    expect(deriveReference({ ...claim, id: "in_zzzzzzzzaaaaaaaaaaaaaa" })).toBe("c694446f00ff1d6ce8db84a71722a392");
  });
});
