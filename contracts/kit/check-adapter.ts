import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Adapter } from "#capability";
import type { MockDefinition } from "#mocks";
import { conformance } from "./conformance.ts";
import { tinyRunner } from "./runner.ts";
import type { CheckReport, CheckResult } from "./types.ts";

const projectAdapters = fileURLToPath(new URL("../../adapters", import.meta.url));

export interface CheckOptions {
  /** Default: the project's `adapters/`. */
  adaptersDir?: string;
  /** Only these laws, by name. Default: all. */
  only?: readonly string[];
  /** Ends with the first check that fails. */
  bail?: boolean;
  onResult?: (result: CheckResult) => void;
}

/** A folder that has no adapter or no mock in it. The message says what is missing. */
export class NoAdapter extends Error {
  override readonly name = "NoAdapter";
}

/** Runs the whole kit for one adapter folder, without a test framework. Throws `NoAdapter` if there is nothing to check. */
export async function checkAdapter(name: string, options: CheckOptions = {}): Promise<CheckReport> {
  const { adaptersDir = projectAdapters, only, bail, onResult } = options;
  const startedMs = performance.now();
  const [adapter, mock] = await loadAdapter(adaptersDir, name);
  const runner = tinyRunner();
  conformance({ adapter, mock, runner, adaptersDir, ...(only === undefined ? {} : { only }) });
  const results = await runner.run(onResult, bail);
  const count = (wanted: CheckResult["result"]): number => results.filter(({ result }) => result === wanted).length;
  return {
    adapter: name,
    results,
    passed: count("passed"),
    failed: count("failed"),
    skipped: count("skipped"),
    durationMs: Math.round(performance.now() - startedMs),
  };
}

/** The manifest and the mock of a folder. */
export async function loadAdapter(adaptersDir: string, name: string): Promise<[Adapter, MockDefinition]> {
  const load = async (file: string): Promise<unknown> => {
    const path = join(adaptersDir, name, file);
    if (!existsSync(path)) throw new NoAdapter(`${path} does not exist`);
    const { default: exported } = (await import(pathToFileURL(path).href)) as { default?: unknown };
    if (typeof exported !== "object" || exported === null) throw new NoAdapter(`${path} has no default export`);
    return exported;
  };
  return [(await load("index.ts")) as Adapter, (await load("mock.ts")) as MockDefinition];
}
