import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readVendorDocument } from "#specs";
import { renderVendorDocument } from "./generate/vendor.ts";

const text = "openapi: 3.1.0\ninfo: { title: A }\npaths: {}\n";
const document = { openapi: "3.1.0", info: { title: "A" }, paths: {} };

let dir: string;
let yaml: string;
let json: string;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), "qiao-vendor-"));
  yaml = join(dir, "vendor.openapi.yaml");
  json = join(dir, "vendor.openapi.json");
  writeFileSync(yaml, text);
  writeFileSync(json, await renderVendorDocument(yaml));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));
const read = () => readVendorDocument(pathToFileURL(yaml));

describe("a vendor's document", () => {
  it("is read as it was generated, and is its YAML", () => {
    expect(read()).toMatchObject({ document, checked: true });
    expect(read().document).not.toBe(read().document);
  });

  it.each<[string, () => void]>([
    ["nothing was generated", () => rmSync(json)],
    ["what was generated was changed", () => writeFileSync(json, readFileSync(json, "utf8").replace('"A"', '"B"'))],
    ["what was generated was cut", () => writeFileSync(json, readFileSync(json, "utf8").slice(0, -9))],
    ["what was generated is something else", () => writeFileSync(json, "null")],
  ])("is parsed, and yet to be checked, where %s", (_what, damage) => {
    damage();
    expect(read()).toMatchObject({ document, checked: false });
  });

  it("is the YAML as it is now, not as it was when something was generated", () => {
    writeFileSync(yaml, text.replace("A", "C"));
    expect(read()).toMatchObject({ document: { info: { title: "C" } }, checked: false });
  });

  it("is not generated of one whose schemas are none", async () => {
    writeFileSync(yaml, "openapi: 3.1.0\npaths: { /a: { get: { parameters: [{ schema: { type: strng } }] } } }\n");
    await expect(renderVendorDocument(yaml)).rejects.toThrow("schema/type must be equal");
  });
});
