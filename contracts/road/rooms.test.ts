import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { adapterFolders } from "#gateway";
import { projectDir } from "./process.fixture.ts";
import { cycleIn, filesIn, importsOf, isProof, roomOf, sourceFiles, textOf } from "./rooms.fixture.ts";
import type { Import } from "./rooms.fixture.ts";

const files = sourceFiles();
const imports = importsOf(files);
const built = imports.filter(({ from }) => !isProof(from));
const adapters = await adapterFolders(join(projectDir, "adapters"));
const told = (broken: readonly Import[]): string[] =>
  broken.map(({ from, specifier }) => `${from} imports ${specifier}`);
const into =
  (...roots: string[]) =>
  ({ to }: Import) =>
    to !== undefined && roots.some((root) => to.startsWith(`${root}/`));

describe("who imports whom", () => {
  it("reads every import there is", () => {
    expect(files.length).toBeGreaterThan(200);
    expect(imports.length).toBeGreaterThan(files.length);
    const missing = imports.filter(({ to }) => to !== undefined && !existsSync(join(projectDir, to)));
    expect(told(missing)).toEqual([]);
  });

  it("the gateway knows no adapter, no mock and no proof", () => {
    const gateway = imports.filter(({ from }) => from.startsWith("gateway/"));
    expect(told(gateway.filter(into("adapters", "contracts")))).toEqual([]);
    expect(told(built.filter(({ from }) => from.startsWith("gateway/")).filter(into("mocks")))).toEqual([]);
  });

  it("the way in and the way out do not know each other", () => {
    const between = (from: string, to: string): Import[] =>
      built.filter((each) => each.from.startsWith(`gateway/${from}/`)).filter(into(`gateway/${to}`));
    expect(told([...between("inbound", "outbound"), ...between("outbound", "inbound")])).toEqual([]);
  });

  it("nothing imports the proofs but the proofs", () => {
    expect(told(imports.filter(({ from }) => !from.startsWith("contracts/")).filter(into("contracts")))).toEqual([]);
  });

  it("the contract imports nothing of ours", () => {
    const specs = built.filter(({ from }) => from.startsWith("specs/"));
    expect(told(specs.filter(into("gateway", "adapters", "mocks", "contracts")))).toEqual([]);
  });

  it("nobody builds on a test or a fixture", () => {
    expect(told(built.filter(({ to }) => to !== undefined && isProof(to)))).toEqual([]);
  });

  it("only the wire sees every room, and nothing inside the gateway sees the wire", () => {
    const inner = built.filter(({ from }) => from.startsWith("gateway/") && from !== "gateway/process.ts");
    expect(told(inner.filter(({ to }) => to === "gateway/wire.ts"))).toEqual([]);
  });

  it("no room leads back to itself", () => {
    expect(cycleIn(built)).toBeUndefined();
  });
});

describe("cycleIn", () => {
  it("finds the way round", () => {
    const step = (from: string, to: string): Import => ({ from, specifier: to, to });
    const way = [step("gateway/a/x.ts", "gateway/b/x.ts"), step("gateway/b/y.ts", "specs/x.ts")];
    expect(cycleIn(way)).toBeUndefined();
    expect(cycleIn([...way, step("specs/y.ts", "gateway/a/y.ts")])).toEqual([
      "gateway/a",
      "gateway/b",
      "specs",
      "gateway/a",
    ]);
  });
});

describe("adding an adapter touches its folder only", () => {
  const packages = ["zod", "jose", "node:crypto"];

  it.each(adapters)("%s imports the capability door, zod, jose, node:crypto and itself", (name) => {
    const folder = `adapters/${name}`;
    const isPlatform = /\bkind: "platform"/.test(textOf(`${folder}/index.ts`));
    const allowed = ({ from, specifier, to }: Import): boolean => {
      if (to !== undefined && roomOf(to) === folder) return specifier.startsWith(".");
      if (packages.includes(specifier) || specifier === "#capability") return true;
      if (!/^adapters\/[^/]+\/mock(\.ts$|\/)/.test(from)) return false;
      // A platform of the company's speaks our signature profile, so its mock verifies and signs with it.
      return specifier === "#mocks" || (isPlatform && specifier === "#signature");
    };
    const own = built.filter(({ from }) => from.startsWith(`${folder}/`));
    expect(own.length).toBeGreaterThan(3);
    expect(told(own.filter((each) => !allowed(each)))).toEqual([]);
  });

  it("nor do its tests reach into a sibling", () => {
    const others = imports.filter(({ from, to }) => from.startsWith("adapters/") && to?.startsWith("adapters/"));
    expect(told(others.filter(({ from, to }) => roomOf(from) !== roomOf(to ?? "")))).toEqual([]);
  });

  it("no adapter's name stands in the gateway, the contract, the harness or a tool's configuration", () => {
    const config = [
      ".oxlintrc.json",
      ".oxfmtrc.json",
      "redocly.yaml",
      "tsconfig.json",
      "package.json",
      "vitest.config.ts",
    ];
    const pipelines = [".ci/run", ...filesIn(".github"), "Dockerfile", ".dockerignore", ".gitignore"];
    const searched = [...["gateway", "specs", "mocks"].flatMap(filesIn), ...config, ...pipelines];
    expect(searched.length).toBeGreaterThan(200);
    const named = searched.flatMap((file) => {
      const text = withoutExamples(file);
      return adapters.filter((name) => text.includes(name)).map((name) => `${file} names ${name}`);
    });
    expect(named).toEqual([]);
  });
});

/** The text of a file; of the contract's documents without their examples, which may show a name. */
function withoutExamples(file: string): string {
  const text = textOf(file);
  if (!file.startsWith("specs/") || !/\.(ya?ml|json)$/.test(file)) return text;
  return JSON.stringify(parse(text), (key, value: unknown) => (/^examples?$/.test(key) ? undefined : value));
}
