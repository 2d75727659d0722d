/** The promise to partners is kept; and what would break it, or a vendor's, is seen for what it is. */
import { describe, expect, it } from "vitest";
import { readBundle } from "#specs";
import { readAdapters } from "./adapters.ts";
import { compareDocuments } from "./diff/compare.ts";
import { lastRelease, versionOf } from "./diff/released.ts";
import { at, schema, without } from "./diff/seeded.fixture.ts";
import { seededOperations } from "./diff/seeded-operations.fixture.ts";
import { seededSchemas } from "./diff/seeded-schemas.fixture.ts";
import { nodeOf } from "./diff/types.ts";
import type { Level, Node } from "./diff/types.ts";
import { mappingsOf, withMappings } from "./diff/vendor.ts";
import { isKept, nextVersion } from "./diff/version.ts";

/** Every change since a copy of the bundle was left as it is, as `level where: what`. */
function told(change: (document: Node) => void): string[] {
  const after = readBundle();
  change(after);
  return compareDocuments(readBundle(), after).map(({ level, where, what }) => `${level} ${where}: ${what}`);
}

describe("partners", () => {
  it("keep what they got last", () => {
    const bundle = readBundle();
    const { version, document } = lastRelease();
    const changes = compareDocuments(document, bundle);
    const breaks = changes.filter(({ level }) => level === "breaking").map(({ where, what }) => `${where}: ${what}`);
    const kept = isKept(version, versionOf(bundle), changes);
    expect(kept ? [] : breaks, `npm run spec:diff; the next version would be ${nextVersion(version, changes)}`).toEqual(
      [],
    );
  });
});

describe("a change of ours", () => {
  it("is none where nothing changed", () => {
    expect(told(() => undefined)).toEqual([]);
  });

  it.each([...seededOperations, ...seededSchemas])("%s is %s", (_what, level, change, words) => {
    const changes = told(change);
    expect(changes.length).toBeGreaterThan(0);
    expect(changes.filter((each) => each.startsWith(level) && each.includes(words))).not.toEqual([]);
    if (level !== "breaking") expect(changes.filter((each) => each.startsWith("breaking"))).toEqual([]);
    if (level === "docs") expect(changes.filter((each) => !each.startsWith("docs"))).toEqual([]);
  });

  it("names every operation that it touches, once", () => {
    const after = readBundle();
    schema(after, "NationalId")["maxLength"] = 15;
    const [change] = compareDocuments(readBundle(), after);
    expect(change).toMatchObject({ level: "breaking", where: "NationalId, in requests" });
    expect(change?.operations).toEqual(expect.arrayContaining(["identityChecks.create", "faceVerifications.create"]));
    expect(new Set(change?.operations).size).toBe(change?.operations.length);
  });
});

describe("the version", () => {
  const change = (level: Level) => ({ level, where: "", what: "", operations: [] });
  it("follows from the gravest change", () => {
    expect(nextVersion("1.4.2", [change("docs"), change("breaking"), change("additive")])).toBe("2.0.0");
    expect(nextVersion("1.4.2", [change("docs"), change("additive")])).toBe("1.5.0");
    expect(nextVersion("1.4.2", [change("docs")])).toBe("1.4.3");
    expect(nextVersion("1.4.2", [])).toBe("1.4.2");
    expect(() => nextVersion("v1", [])).toThrow("is not a version");
  });
  it("must announce a break, and nothing else", () => {
    expect(isKept("1.4.2", "1.9.0", [change("breaking")])).toBe(false);
    expect(isKept("1.4.2", "2.0.0", [change("breaking")])).toBe(true);
    expect(isKept("1.4.2", "1.4.2", [change("additive")])).toBe(true);
  });
});

describe("a change of a vendor's", async () => {
  const folders = await readAdapters();
  it.each(folders)("$name: the places that map its operations are known", ({ name, manifest, document }) => {
    const mappings = mappingsOf(name, document as unknown as Node);
    const capabilities = Object.keys(manifest.capabilities).length;
    expect(new Set(mappings.map(({ operation: id }) => id)).size).toBeGreaterThanOrEqual(capabilities);
    for (const { file, line } of mappings) expect(`${file}:${line}`).toMatch(/^adapters\/.+\.ts:[1-9]/);
  });

  it("names the mappings that it touches, and whether they were changed with it", () => {
    const [folder] = folders.filter(({ manifest }) => manifest.kind === "vendor");
    if (folder === undefined) throw new Error("no vendor");
    const before = folder.document as unknown as Node;
    const after = structuredClone(before);
    const [path = "", item] = Object.entries(nodeOf(after["paths"]))[0] ?? [];
    const [verb = ""] = Object.keys(nodeOf(item));
    const touched = String(at(after, "paths", path, verb)["operationId"]);
    without(at(after, "paths", path, verb), "responses");
    at(after, "paths", path, verb)["responses"] = {};
    const all = mappingsOf(folder.name, before);
    const changes = withMappings(compareDocuments(before, after), all, []);
    const mappings = all.filter(({ operation: id }) => id === touched);
    expect(mappings.length).toBeGreaterThan(0);
    expect(changes).toMatchObject([{ level: "breaking", operations: [touched], mappings, unmapped: true }]);
    const files = mappings.map(({ file }) => file);
    expect(withMappings(compareDocuments(before, after), all, files)).toMatchObject([{ unmapped: false }]);
  });
});
