import { expect, it } from "vitest";
import { maxComponents, maxKeptListChars, maxKeptLists } from "./limits.ts";
import { readComponents } from "./components.ts";
import { readMembers } from "./members.ts";
import type { Item } from "structured-headers";

function itemsOf(names: readonly string[]): Item[] {
  const list = names.map((name) => `"${name}"`).join(" ");
  return readMembers(`sig=(${list});created=1`, 1)[0]?.value[0] as Item[];
}
const read = (names: readonly string[]): string[] =>
  readComponents(itemsOf(names), { parameters: false }).map(({ name }) => name);

it("reads every list as what it is, however many came before, in whatever order", () => {
  const lists = Array.from({ length: 3 * maxKeptLists }, (_, n) => [`x-${n}`, "@method", `y-${n % 7}`]);
  for (const list of [...lists, ...lists.toReversed(), ...lists]) {
    expect(read(list)).toEqual(list);
    expect(read(list.toReversed())).toEqual(list.toReversed());
  }
});

it("refuses a list each time that it comes", () => {
  for (let time = 0; time < 3; time += 1) {
    expect(() => read(["@method", "@method"])).toThrow("signature_coverage");
    expect(() => read(["@path"])).toThrow("signature_coverage");
    expect(() => read(Array.from({ length: maxComponents + 1 }, (_, n) => `x-${n}`))).toThrow("signature_coverage");
  }
});

it("keeps a list that it has read, but none that is long, and so many and no more", () => {
  const usual = ["@method", "@target-uri"];
  const kept = itemsOf(usual);
  expect(itemsOf(usual)).toBe(kept);
  const long = ["@method", "x".repeat(maxKeptListChars)];
  expect(itemsOf(long)).not.toBe(itemsOf(long));
  expect(itemsOf(usual)).toBe(kept);
  for (let n = 0; n < maxKeptLists; n += 1) itemsOf([`z-${n}`]);
  expect(itemsOf(usual)).not.toBe(kept);
});
