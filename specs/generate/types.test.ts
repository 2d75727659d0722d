/** What an editor shows of the generated types: read off the TypeScript source, as the editor does. */
import { readFileSync } from "node:fs";
import ts from "typescript";
import { expect, it } from "vitest";
import { readBundle } from "#specs";
import type { Bundle, Schema } from "./document.ts";

const { schemas } = (readBundle() as unknown as Bundle).components;
const types = ts.createSourceFile(
  "types.d.ts",
  readFileSync(new URL("../generated/types.d.ts", import.meta.url), "utf8"),
  ts.ScriptTarget.Latest,
  true,
);

/** Every property signature below a node, with its way from there. */
function* propertiesIn(node: ts.Node, way = ""): Generator<[string, ts.PropertySignature]> {
  for (const child of node.getChildren()) {
    if (!ts.isPropertySignature(child)) {
      yield* propertiesIn(child, way);
      continue;
    }
    const at = `${way}/${child.name.getText().replaceAll('"', "")}`;
    yield [at, child];
    yield* propertiesIn(child, at);
  }
}

/** How many properties a schema declares, at any depth. */
function countIn(node: unknown): number {
  if (typeof node !== "object" || node === null) return 0;
  return Object.entries(node).reduce((sum, [key, value]) => {
    if (key === "examples" || key === "example" || key.startsWith("x-")) return sum;
    const own = key === "properties" ? Object.keys(value as Record<string, Schema>).length : 0;
    return sum + own + countIn(value);
  }, 0);
}

it("every property of every schema says what it is when one points at it", () => {
  const declared = [...propertiesIn(types)].filter(([way]) => /^\/schemas\/[^/]+\//.test(way));
  expect(declared.length).toBe(countIn(schemas));
  expect(declared.length).toBeGreaterThan(400);
  const documented = (property: ts.PropertySignature): boolean =>
    ts.getJSDocCommentsAndTags(property).some((doc) => doc.getText().includes("@description"));
  expect(declared.filter(([, property]) => !documented(property)).map(([way]) => way)).toEqual([]);
});
