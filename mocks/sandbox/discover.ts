import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { MockDefinition } from "#mocks";
import { SandboxError } from "./failure.ts";

/** The vendors that can be played: every folder with an adapter and a mock, by folder name. */
export async function discoverMocks(adaptersDir: string, only?: readonly string[]): Promise<MockDefinition[]> {
  const entries = await readdir(adaptersDir, { withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isDirectory() && existsSync(join(adaptersDir, entry.name, "mock.ts")))
    .map((entry) => entry.name)
    .filter((name) => only?.includes(name) ?? true)
    .toSorted();
  return Promise.all(names.map((name) => load(adaptersDir, name)));
}

async function load(adaptersDir: string, name: string): Promise<MockDefinition> {
  const file = join(adaptersDir, name, "mock.ts");
  if (!existsSync(join(adaptersDir, name, "index.ts"))) {
    throw new SandboxError(`${file} plays a vendor, but its folder has no adapter (index.ts)`);
  }
  const module = (await import(pathToFileURL(file).href)) as { default?: unknown };
  const definition = module.default;
  if (!isDefinition(definition))
    throw new SandboxError(`${file} does not export a mock: export default defineMock({…})`);
  if (definition.adapter !== name) {
    throw new SandboxError(`${file} says that it plays "${definition.adapter}", but its folder is "${name}"`);
  }
  return definition;
}

function isDefinition(value: unknown): value is MockDefinition {
  if (typeof value !== "object" || value === null) return false;
  const { adapter, spec, create } = value as Partial<MockDefinition>;
  return typeof adapter === "string" && spec instanceof URL && typeof create === "function";
}
