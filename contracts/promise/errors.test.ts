/** Catalogue, adapters' tables, vendors' documents and our own documentation say the same, in both directions. */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { errorRow } from "#capability";
import type { ErrorRow } from "#capability";
import { problems, readBundle } from "#specs";
import type { ProblemCode } from "#specs";
import { projectDir, readAdapters } from "./adapters.ts";
import { documentedCodes, explainedCodes } from "./errors-table.ts";

const folders = await readAdapters();
const catalogue = Object.keys(problems) as ProblemCode[];

/** The source of these rooms without tests, fixtures, mocks and the generated catalogue. */
function sources(...roots: string[]): string[] {
  return roots.flatMap((root) =>
    readdirSync(join(projectDir, root), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /(?<!\.test|\.fixture|\.d)\.ts$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((file) => !/\/(mock|testing)(\.ts|\/)/.test(file))
      .map((file) => readFileSync(file, "utf8")),
  );
}

describe.each(folders)("$name", (folder) => {
  const { errors } = folder.manifest;
  const documented = documentedCodes(folder);

  it("has a row for each code that its vendor documents", () => {
    expect(documented.length).toBeGreaterThan(0);
    const missing = documented.filter(({ code, operation }) => errorRow(errors, code, operation) === undefined);
    expect(missing.map(({ code, operation }) => `${operation}: ${code}`)).toEqual([]);
  });

  it("has no row without a documented code or a note that says where it comes from", () => {
    const stands = (row: ErrorRow): boolean =>
      documented.some(({ code, operation }) => errorRow([row], code, row.operation ?? operation) !== undefined);
    const loose = errors.filter((row) => row.note === undefined && !stands(row));
    expect(loose.map(({ code, operation = "any" }) => `${operation}: ${code}`)).toEqual([]);
  });

  it("names operations that its vendor has, and no code twice for one of them", () => {
    const operations = new Set(documented.map(({ operation }) => operation));
    for (const { operation } of errors) if (operation !== undefined) expect([...operations]).toContain(operation);
    const keys = errors.map(({ code, operation = "any" }) => `${operation}: ${code}`);
    expect(keys.filter((key, at) => keys.indexOf(key) !== at)).toEqual([]);
  });

  it("is explained whole", () => {
    const explained = explainedCodes(folder);
    for (const { code } of documented) expect(explained.map(({ vendorCode }) => vendorCode)).toContain(code);
    for (const row of explained) {
      expect(row.advice.length, row.vendorCode).toBeGreaterThan(10);
      expect(row.status, row.vendorCode).toBe(problems[row.code].status);
    }
  });
});

describe("the catalogue", () => {
  it("has no code that nothing produces", () => {
    const texts = sources("gateway", "adapters");
    expect(texts.length).toBeGreaterThan(100);
    const said = new Set(texts.flatMap((text) => [...text.matchAll(/"([a-z][a-z_]+)"/g)].map(([, word]) => word)));
    expect(catalogue.filter((code) => !said.has(code))).toEqual([]);
  });

  it("has every code that is produced", () => {
    const thrown = sources("gateway", "adapters").flatMap((text) =>
      [...text.matchAll(/(?:new Problem|new Fault|\brejected)\(\s*"([a-z_]+)"/g)].map(([, code = ""]) => code),
    );
    expect(new Set(thrown).size).toBeGreaterThan(25);
    expect([...new Set(thrown)].filter((code) => !catalogue.includes(code as ProblemCode))).toEqual([]);
    for (const { manifest } of folders) {
      for (const { problem } of manifest.errors) expect(catalogue, manifest.name).toContain(problem);
    }
  });

  it("is documented code by code, with what to do, and nothing else is", () => {
    const page = readFileSync(join(projectDir, "specs/PROBLEMS.md"), "utf8");
    const rows = page.split("\n").flatMap((line) => {
      const [, code, , advice] = /^\| `([a-z_]+)` *\| (.*?) \| (.*?) \|/.exec(line) ?? [];
      return code === undefined ? [] : [[code, advice?.trim()] as const];
    });
    expect(rows.map(([code]) => code).toSorted()).toEqual(catalogue.toSorted());
    for (const [code, advice] of rows) expect(advice).toBe(problems[code as ProblemCode].detail);
  });

  it("is what the responses of the bundle list, but for what precedes any operation", () => {
    const { components } = readBundle() as { components: { responses: Record<string, { "x-problems"?: string[] }> } };
    const listed = Object.values(components.responses).flatMap((response) => response["x-problems"] ?? []);
    expect(listed.filter((code) => !catalogue.includes(code as ProblemCode))).toEqual([]);
    const unlisted = catalogue.filter((code) => !listed.includes(code));
    expect(unlisted).toEqual(["method_not_allowed"]);
  });
});
