/** Makes the whole folder of a new adapter, or nothing. */
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm, writeFile, cp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { stringify } from "yaml";
import { loadVendorSpec } from "#outbound";
import { loadSpec } from "../../../mocks/harness/spec.ts";
import { finish } from "../../../specs/generate/source.ts";
import { renderVendorTypes } from "../../../specs/generate/types.ts";
import { renderVendorDocument } from "../../../specs/generate/vendor.ts";
import { format } from "oxfmt";
import { ScaffoldError } from "./failure.ts";
import { checkCapabilities, checkName, kebab, title } from "./names.ts";
import { makePlan } from "./plan.ts";
import type { Plan } from "./plan.ts";
import { readSpec } from "./read-spec.ts";
import { starter } from "./starter.ts";
import { callsFile, capabilityFile, configFile, errorsFile, indexFile } from "./write-adapter.ts";
import { answersFile } from "./write-answers.ts";
import { mockFile } from "./write-mock.ts";
import { protocolFile } from "./write-protocol.ts";
import { readmeFile } from "./write-readme.ts";
import { roadFile, testFile } from "./write-test.ts";

export interface NewAdapter {
  adaptersDir: string;
  name: string | undefined;
  /** `creditReports,instalments`. */
  capability: string | undefined;
  /** The vendor's published OpenAPI document. */
  from?: string;
}

export interface MadeAdapter {
  folder: string;
  files: string[];
  plan: Plan;
}

const printWidth = 120;

/** Throws a `ScaffoldError` that says what is wrong; the folder appears whole or not at all. */
export async function newAdapter(wanted: NewAdapter): Promise<MadeAdapter> {
  const name = checkName(wanted.name);
  const capabilities = checkCapabilities(wanted.capability);
  const folder = join(wanted.adaptersDir, name);
  if (existsSync(folder)) throw new ScaffoldError(`${folder} exists already: choose another name, or remove it first`);
  const source = wanted.from === undefined ? starter(title(name)) : await readSpec(wanted.from);
  const plan = makePlan(name, capabilities, source, wanted.from);
  const root = await mkdtemp(join(tmpdir(), `qiao-new-${process.pid}-`));
  try {
    const staged = join(root, name);
    const files = await writeAll(staged, plan);
    await checkSpec(join(staged, "vendor.openapi.yaml"));
    await place(staged, folder);
    return { folder, files, plan };
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

async function writeAll(folder: string, plan: Plan): Promise<string[]> {
  await mkdir(join(folder, "mock"), { recursive: true });
  const spec = join(folder, "vendor.openapi.yaml");
  await writeFile(spec, stringify(plan.document, { lineWidth: printWidth, aliasDuplicateObjects: false }));
  await checkSpec(spec);
  const sources: Record<string, string> = {
    "index.ts": indexFile(plan),
    "config.ts": configFile(plan),
    "protocol.ts": protocolFile(plan),
    "errors.ts": errorsFile(plan),
    "calls.ts": callsFile(plan),
    "calls.test.ts": testFile(plan),
    "road.fixture.ts": roadFile,
    "mock.ts": mockFile(plan),
    "mock/answers.ts": answersFile(plan),
    ...Object.fromEntries(plan.capabilities.map((each) => [`${kebab(each)}.ts`, capabilityFile(each)])),
  };
  for (const [file, text] of Object.entries(sources)) {
    const { code, errors } = await format(file, text, { printWidth });
    if (errors.length > 0) throw new Error(`${file}: ${errors.map(({ message }) => message).join("; ")}`);
    await writeFile(join(folder, file), code);
  }
  await writeFile(join(folder, "vendor.d.ts"), await finish("vendor.d.ts", await renderVendorTypes(spec)));
  await writeFile(
    join(folder, "vendor.openapi.json"),
    await finish("vendor.openapi.json", await renderVendorDocument(spec)),
  );
  await writeFile(join(folder, "README.md"), readmeFile(plan));
  return ["vendor.openapi.yaml", "vendor.openapi.json", "vendor.d.ts", ...Object.keys(sources), "README.md"].toSorted();
}

/** Reads the document as the gateway and as the mock will. */
async function checkSpec(file: string): Promise<void> {
  const url = pathToFileURL(file);
  try {
    await loadVendorSpec(url);
    loadSpec(url);
  } catch (error) {
    const why = (error as Error).message.replaceAll(file, "the document");
    throw new ScaffoldError(`--from: the document cannot be used: ${why}`, { cause: error });
  }
}

/** One step where both are on one file system; else a copy that is taken back if it breaks off. */
async function place(staged: string, folder: string): Promise<void> {
  await mkdir(dirname(folder), { recursive: true });
  await rename(staged, folder).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== "EXDEV") throw error;
    await cp(staged, folder, { recursive: true }).catch(async (cause: unknown) => {
      await rm(folder, { recursive: true, force: true });
      throw cause;
    });
  });
}
