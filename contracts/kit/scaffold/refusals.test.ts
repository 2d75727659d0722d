import { mkdir, readdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bureau } from "./bureau.fixture.ts";
import { newAdapter } from "./new-adapter.ts";
import { testProject } from "./project.fixture.ts";
import type { TestProject } from "./project.fixture.ts";

const swagger = { swagger: "2.0", paths: {} };
const elsewhere = { ...bureau("header"), paths: { "/a": { $ref: "other.yaml#/a" } } };
const unanswered = pathsOf({ get: { responses: { "404": { description: "no" } } } });
const uploads = pathsOf({ post: { requestBody: { content: { "image/png": {} } }, responses: {} } });
const deep = pathsOf({
  get: {
    parameters: [{ name: "f", in: "query", style: "deepObject", schema: {} }],
    responses: { "204": { description: "ok" } },
  },
});
const score = ["acme-score", "creditReports"] as const;

const cases: [string, readonly [string | undefined, string | undefined], unknown, RegExp][] = [
  ["no name", [undefined, "creditReports"], undefined, /which name/],
  ["a bad name", ["Acme_Score", "creditReports"], undefined, /no adapter's name/],
  ["a path as a name", ["../acme", "creditReports"], undefined, /no adapter's name/],
  ["no capability", ["acme-score", undefined], undefined, /--capability: one or several of identityChecks/],
  ["an unknown capability", ["acme-score", "horoscopes"], undefined, /the contract has no horoscopes/],
  ["one of the gateway's own", ["acme-score", "events"], undefined, /the contract has no events/],
  ["a capability twice", ["acme-score", "refunds,refunds"], undefined, /refunds stands twice/],
  ["a name that is taken", ["taken", "creditReports"], undefined, /exists already/],
  ["no YAML", score, "a: [b", /neither YAML nor JSON/],
  ["no document", score, "just text", /no OpenAPI document/],
  ["Swagger", score, swagger, /Swagger 2.0: convert it first/],
  ["another version", score, { openapi: "4.0.0", paths: { "/a": {} } }, /no OpenAPI 3.0 or 3.1/],
  ["no paths", score, { openapi: "3.1.0", paths: {} }, /has no paths/],
  ["references that leave it", score, elsewhere, /bundle it first/],
  ["no success", score, unanswered, /describes no success/],
  ["nothing to call", score, uploads, /no operation can be called/],
  ["what the road cannot send", score, deep, /the document cannot be used: .*deepObject|only the styles/],
];

let project: TestProject;
beforeAll(async () => {
  project = await testProject();
  await mkdir(join(project.adaptersDir, "taken"));
});
afterAll(async () => {
  expect(await readdir(project.adaptersDir)).toEqual(["taken"]);
  await project.remove();
});

describe("a folder that cannot be made is refused in words, and leaves nothing behind", () => {
  it.each(cases)("%s", async (what, [name, capability], content, message) => {
    const { adaptersDir, root } = project;
    const file = join(root, `${what}.yaml`);
    if (content !== undefined) await writeFile(file, typeof content === "string" ? content : JSON.stringify(content));
    const refused = newAdapter({ adaptersDir, name, capability, ...(content === undefined ? {} : { from: file }) });
    await expect(refused).rejects.toMatchObject({
      name: "ScaffoldError",
      message: expect.stringMatching(message) as string,
    });
    expect(await readdir(adaptersDir)).toEqual(["taken"]);
    expect((await readdir(tmpdir())).filter((each) => each.startsWith(`qiao-new-${process.pid}-`))).toEqual([]);
  });

  it("on the command line too", async () => {
    const commands: [string[], RegExp][] = [
      [["acme-score", "--capability", "refunds", "--form", "x"], /^Unknown option '--form'/],
      [["acme-score", "--capability", "refunds", "--from", "/nowhere.yaml"], /^--from: cannot read \/nowhere.yaml/],
    ];
    const ends = await Promise.all(commands.map(([args]) => project.scaffold(...args)));
    for (const [at, [, why]] of commands.entries()) {
      expect(ends[at]?.text).toMatch(why);
      expect(ends[at]?.text).not.toMatch(/^\s+at /m);
      expect(ends[at]?.code).toBe(1);
    }
  });
});

function pathsOf(item: object): object {
  return { openapi: "3.1.0", info: { title: "A", version: "1" }, paths: { "/a": item } };
}
