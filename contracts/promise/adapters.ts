/** The adapters' folders as the proofs read them: manifest, and the vendor's document. */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parse } from "yaml";
import type { Adapter } from "#capability";
import { adapterFolders } from "#gateway";

export const projectDir = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
export const adaptersDir = join(projectDir, "adapters");

/** What a vendor's document says of its error codes: code → meaning, for every operation or for one. */
interface VendorDocument {
  "x-error-codes"?: Record<string, string>;
  paths: Record<string, Record<string, { operationId?: string; "x-error-codes"?: Record<string, string> }>>;
}

export interface AdapterFolder {
  name: string;
  dir: string;
  manifest: Adapter;
  document: VendorDocument;
}

/** One adapter's folder. Throws when it cannot be loaded. */
async function readAdapter(name: string): Promise<AdapterFolder> {
  const dir = join(adaptersDir, name);
  const module = (await import(pathToFileURL(join(dir, "index.ts")).href)) as { default: Adapter };
  const document = parse(readFileSync(join(dir, "vendor.openapi.yaml"), "utf8")) as VendorDocument;
  return { name, dir, manifest: module.default, document };
}

/** All of them, in name order. */
export async function readAdapters(): Promise<AdapterFolder[]> {
  return Promise.all((await adapterFolders(adaptersDir)).map(readAdapter));
}
