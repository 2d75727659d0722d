/**
 * Generates what follows from the contract, and the types and the JSON of every vendor's document.
 *
 *   node specs/generate.ts                   writes the files
 *   node specs/generate.ts --check           writes nothing; exits 1 and names each file that has drifted
 *   node specs/generate.ts --only <adapter>  that adapter's files only; may be combined with --check
 */
import { glob, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { parse } from "yaml";
import { bundleContract, renderDigest } from "./generate/bundle.ts";
import { renderOperations } from "./generate/operations.ts";
import type { Catalogue } from "./generate/problems.ts";
import { renderProblemPage, renderProblems } from "./generate/problems.ts";
import { finish } from "./generate/source.ts";
import { renderContractTypes, renderVendorTypes } from "./generate/types.ts";
import { renderVendorDocument } from "./generate/vendor.ts";
import { renderEventTypes, renderWebhooks } from "./generate/webhooks.ts";
import { checkSchemas } from "./schemas.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/** A file, relative to the repository, and how to make its text. */
type Job = [file: string, render: () => string | Promise<string>];

/** The part of the contract's source that follows from the rest of it; the bundle holds it. */
const sourceJobs: Job[] = [["specs/webhooks.yaml", () => renderWebhooks(root)]];

async function contractJobs(): Promise<Job[]> {
  const bundle = await bundleContract(root);
  checkSchemas(bundle);
  const bundleText = await finish("specs/generated/bundle.json", JSON.stringify(bundle, undefined, 2));
  const catalogue = parse(await readFile(join(root, "specs/problems.yaml"), "utf8")) as Catalogue;
  return [
    ["specs/generated/bundle.json", () => bundleText],
    ["specs/generated/digest.ts", () => renderDigest(bundleText)],
    ["specs/generated/types.d.ts", () => renderContractTypes(bundle)],
    ["specs/generated/operations.ts", () => renderOperations(bundle)],
    ["specs/generated/problems.ts", () => renderProblems(catalogue)],
    ["specs/PROBLEMS.md", () => renderProblemPage(catalogue)],
    ["specs/generated/events.ts", () => renderEventTypes(bundle)],
  ];
}

async function vendorJobs(adapter: string): Promise<Job[]> {
  const found = await Array.fromAsync(glob(`adapters/${adapter}/vendor.openapi.yaml`, { cwd: root }));
  return found.toSorted().flatMap((source): Job[] => [
    [join(dirname(source), "vendor.d.ts"), () => renderVendorTypes(join(root, source))],
    [join(dirname(source), "vendor.openapi.json"), () => renderVendorDocument(join(root, source))],
  ]);
}

/** Makes one file; with `check` says whether it has drifted instead of writing it. Returns whether all is well. */
async function settle([file, render]: Job, check: boolean): Promise<boolean> {
  const path = join(root, file);
  const text = await finish(file, await render());
  const present = await readFile(path, "utf8").catch(() => undefined);
  if (present === text) return true;
  if (check) {
    const what = present === undefined ? "is missing" : "is not what its source says";
    console.error(`${file} ${what}: run \`npm run generate\` and commit the result`);
    return false;
  }
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
  console.log(`wrote ${file}`);
  return true;
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { check: { type: "boolean" }, only: { type: "string" } } });
  const check = values.check ?? false;
  if (!values.only) await settleAll(sourceJobs, check);
  const jobs = values.only ? await vendorJobs(values.only) : [...(await contractJobs()), ...(await vendorJobs("*"))];
  if (jobs.length === 0) throw new Error(`adapters/${values.only}/vendor.openapi.yaml does not exist`);
  await settleAll(jobs, check);
}

async function settleAll(jobs: readonly Job[], check: boolean): Promise<void> {
  for (const job of jobs) {
    // One broken document must not keep the others from being made.
    const well = await settle(job, check).catch((error: unknown) => {
      console.error(`${job[0]} cannot be made: ${error instanceof Error ? error.message : String(error)}`);
      return false;
    });
    if (!well) process.exitCode = 1;
  }
}

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
