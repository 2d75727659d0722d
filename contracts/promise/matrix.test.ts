import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { Adapter } from "#capability";
import { fixtureFiles } from "../kit/fixtures/fixture.ts";
import { adaptersDir, readAdapters } from "./adapters.ts";
import { missingEvidence } from "./evidence.ts";
import { renderRecorded } from "./matrix-recorded.ts";
import { matrixRows, readme, renderReadme } from "./matrix-table.ts";

const folders = await readAdapters();
const dir = mkdtempSync(join(tmpdir(), "qiao-evidence-"));
afterAll(() => rmSync(dir, { recursive: true }));

describe("the matrix in adapters/README.md", () => {
  it("is what the manifests say", async () => {
    expect(readFileSync(readme, "utf8"), "run `npm run matrix`").toBe(await renderReadme());
  });

  it("has a row for each capability that an adapter claims, with every verb on one side", () => {
    for (const { manifest } of folders) {
      const rows = matrixRows([{ manifest }]);
      expect(rows.map(({ capability }) => capability).toSorted()).toEqual(
        Object.keys(manifest.capabilities).toSorted(),
      );
      for (const { supported, unsupported } of rows) expect(supported.length + unsupported.length).toBeGreaterThan(0);
    }
  });

  it("needs its markers", async () => {
    await expect(renderReadme("# Adapters\n")).rejects.toThrow("needs the lines");
    await expect(renderRecorded("plaid-check", "# Plaid\n")).rejects.toThrow("adapters/plaid-check/README.md needs");
  });
});

describe("an adapter's README", () => {
  it.each(folders)("links each recorded exchange of $name", async ({ name, dir: folder }) => {
    const text = readFileSync(join(folder, "README.md"), "utf8");
    expect(text, "run `npm run matrix`").toBe(await renderRecorded(name));
    const linked = [...text.matchAll(/\]\((fixtures\/[^)]+)\)/g)].map(([, file = ""]) => file);
    const recorded = (await fixtureFiles(adaptersDir, name)).map((file) => relative(folder, file));
    expect(new Set(linked)).toEqual(new Set(recorded));
  });
});

describe("a grade of proof", () => {
  // That each real claim has its evidence is asked where the kit runs: contracts/kit/adapters.test.ts.
  let unproven: string[] | undefined = [];
  const claim = (grade: Adapter["proof"]["grade"], by?: string, verifiedOnDate?: string) => {
    const proof = {
      grade,
      ...(by === undefined ? {} : { by }),
      ...(verifiedOnDate === undefined ? {} : { verifiedOnDate }),
    };
    return missingEvidence(dir, { kind: "vendor", proof }, unproven);
  };

  it("is refused without it, and says what is missing", () => {
    expect(claim("declared")).toEqual([]);
    expect(claim("conforms")).toEqual(["no mock.ts for the kit to run against"]);
    writeFileSync(join(dir, "mock.ts"), "");
    for (const grade of ["conforms", "sdk", "live"] as const) {
      unproven = undefined;
      expect(claim(grade)).toContain("the kit did not run");
      unproven = ["once: instalments.create: does not hold"];
      expect(claim(grade)).toContain(unproven[0]);
    }
    expect(claim("declared")).toEqual([]);
    unproven = [];
    expect(claim("conforms")).toEqual([]);
    expect(claim("sdk", "zod 4.0.0")).toEqual(["no sdk.test.ts", "no verifiedOnDate"]);
    writeFileSync(join(dir, "sdk.test.ts"), 'import { sign } from "node:crypto";');
    expect(claim("sdk", "our own reading", "2026-11-22")).toEqual(["`by` names no package with its version"]);
    expect(claim("sdk", "no-such-sdk 1.0.0", "2026-11-22")).toEqual(["no-such-sdk is not installed"]);
    expect(claim("sdk", "zod 0.0.1", "2026-11-22")[0]).toMatch(/^zod is [\d.]+ here, `by` says 0\.0\.1$/);
    expect(claim("sdk", "alipay-sdk 4.14.0", "2026-11-22")).toEqual(["no test of the folder imports alipay-sdk"]);
    writeFileSync(join(dir, "sdk.test.ts"), 'import { AlipaySdk } from "alipay-sdk";');
    expect(claim("sdk", "alipay-sdk 4.14.0", "2026-11-22")).toEqual([]);
    expect(claim("live", "alipay-sdk 4.14.0", "2026-11-22")[0]).toMatch(/^no recordings/);
    mkdirSync(join(dir, "fixtures"));
    writeFileSync(join(dir, "fixtures", "create.json"), '{"recordedAt":"2026-11-21T00:00:00Z"}');
    expect(claim("live", "alipay-sdk 4.14.0", "2026-11-22")).toEqual(["no recording in fixtures/ is of 2026-11-22"]);
    writeFileSync(join(dir, "fixtures", "create.json"), '{"recordedAt":"2026-11-22T00:00:00Z"}');
    expect(claim("live", "alipay-sdk 4.14.0", "2026-11-22")).toEqual([]);
  });
});
