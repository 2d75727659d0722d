/** Bundles the many small files of the contract into one document. */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { digestOf } from "../digest.ts";
import type { Bundle } from "./document.ts";
import { constant } from "./source.ts";

const bundlerTimeoutMs = 60_000;
const run = promisify(execFile);

/** Runs Redocly's bundler on the api `gateway@v1` of redocly.yaml. Throws with its output when a reference does not resolve. */
export async function bundleContract(root: string): Promise<Bundle> {
  const folder = await mkdtemp(join(tmpdir(), "qiao-bundle-"));
  try {
    const output = join(folder, "bundle.json");
    const cli = createRequire(import.meta.url).resolve("@redocly/cli/bin/cli.js");
    await run(process.execPath, [cli, "bundle", "gateway@v1", "--output", output], {
      cwd: root,
      timeout: bundlerTimeoutMs,
      env: { ...process.env, REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true" },
    });
    return JSON.parse(await readFile(output, "utf8")) as Bundle;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Source of `generated/digest.ts`. */
export function renderDigest(bundle: string): string {
  return constant("bundleDigest", "Of bundle.json as it was generated.", "string", digestOf(bundle));
}
