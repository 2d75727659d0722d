import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { finish } from "../../../specs/generate/source.ts";
import { renderVendorTypes } from "../../../specs/generate/types.ts";
import { checkAdapter } from "../index.ts";
import { authOf } from "./auth.ts";
import { bureau, schemes } from "./bureau.fixture.ts";
import { newAdapter } from "./new-adapter.ts";
import { testProject } from "./project.fixture.ts";
import type { TestProject } from "./project.fixture.ts";

const kinds = Object.keys(schemes) as (keyof typeof schemes)[];
const slowMs = 60_000;
let project: TestProject;

beforeAll(async () => {
  project = await testProject();
  const { adaptersDir, root } = project;
  for (const kind of kinds) {
    const from = join(root, `${kind}.json`);
    await writeFile(from, JSON.stringify(bureau(kind)));
    await newAdapter({ adaptersDir, name: `lantern-${kind}`, capability: "creditReports", from });
  }
}, slowMs);
afterAll(() => project.remove());

describe("a folder that was just made", { timeout: slowMs }, () => {
  it("comes of one command, which says what to do next", async () => {
    const start = await project.scaffold("acme-start", "--capability", "instalments,refunds");
    expect(start, start.text).toMatchObject({ code: 0 });
    expect(start.text).toContain("npm run adapter:dev -- acme-start");
  });

  it("passes the compiler, the linter, the formatter, its own tests and the rule of the rooms", async () => {
    const rules = "imports the capability door|reach into a sibling|answers in its|sends nothing|wrong credential";
    const tools = await Promise.all([
      project.run("tsc"),
      project.run("oxlint", "--deny-warnings", "adapters"),
      project.run("oxfmt", "--check", "adapters"),
      project.run("vitest", "run", "--maxWorkers=1", "adapters", "contracts/road/rooms.test.ts", "-t", rules),
    ]);
    for (const { code, text } of tools) expect(code, text).toBe(0);
    // Two tests a folder, one where the signing is to be written; a rule for each folder, and one for all.
    const folders = kinds.length + 1;
    const unsigned = ["mutual", "signed"].length;
    expect(tools[3]?.text).toMatch(new RegExp(`Tests +${2 * folders - unsigned + folders + 1} passed`));
  });

  it("has the types that its document generates", async () => {
    const folder = join(project.adaptersDir, "lantern-header");
    const types = await finish("vendor.d.ts", await renderVendorTypes(join(folder, "vendor.openapi.yaml")));
    expect(await readFile(join(folder, "vendor.d.ts"), "utf8")).toBe(types);
  });

  it.each(["lantern-oauth", "lantern-signed", "acme-start"])("passes the kit for what it claims: %s", async (name) => {
    const report = await checkAdapter(name, { adaptersDir: project.adaptersDir });
    expect(report.results.filter(({ result }) => result === "failed")).toEqual([]);
    expect(report.passed).toBeGreaterThan(15);
  });

  it("joins no schemes, and takes no signature for a key: what it cannot write, it says", () => {
    const lantern = (asked: object): string => {
      const document = bureau("header");
      const securitySchemes = { lantern: schemes.header, client: schemes.query, hand: schemes.signed };
      const auth = authOf({ ...document, security: [asked], components: { securitySchemes } });
      return auth.kind === "other" ? auth.said : auth.kind;
    };
    expect(lantern({ lantern: [] })).toBe("apiKey");
    expect(lantern({ lantern: [], client: [] })).toMatch(/names X-Lantern-Key and api_key in one request, .* by hand/);
    expect(lantern({ lantern: [], hand: [] })).toMatch(/names a signature in X-Lantern-Signature, .* by hand/);
  });

  it("declares what is to be mapped instead of faking it", async () => {
    const index = await readFile(join(project.adaptersDir, "lantern-header/index.ts"), "utf8");
    expect(index.match(/operation: "creditReports\.\w+", why: "to be mapped"/g)).toHaveLength(2);
  });

  it("says no more of an error than its document does", async () => {
    const rows = await readFile(join(project.adaptersDir, "lantern-header/errors.ts"), "utf8");
    const row = (code: string): string => rows.slice(rows.indexOf(`"${code}"`)).split("}")[0] ?? "";
    expect(row("PERSON_UNKNOWN")).toMatch(/"vendor_rejected",\s*outcome: "rejected"/);
    expect(row("KEY_REVOKED")).toMatch(/"vendor_unauthenticated",\s*outcome: "not_sent"/);
    expect(row("RATE_LIMITED")).toMatch(/"vendor_rate_limited",\s*outcome: "not_sent"/);
    expect(row("INTERNAL")).toMatch(/"vendor_fault",\s*outcome: "unknown"/);
    // Only the schema that all errors share has it: an answer with 500 might bear it.
    expect(row("DUPLICATE_REFERENCE")).toMatch(/"vendor_fault",\s*outcome: "unknown"/);
  });
});
