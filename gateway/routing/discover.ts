import { access, readdir } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Adapter } from "#capability";
import { ConfigError, parseWith } from "../config/index.ts";
import type { GatewayConfig } from "../config/index.ts";
import { loadVendorSpec } from "#outbound";
import type { LoadedAdapter } from "#outbound";
import { checkManifest } from "./manifest.ts";
import { refuseInProduction } from "./production.ts";

/**
 * Loads the adapters that the configuration names from their folders: manifest, configuration, vendor spec. Any fault
 * stops the start.
 */
export async function discoverAdapters(config: GatewayConfig): Promise<LoadedAdapter[]> {
  const folders = await adapterFolders(config.adaptersDir);
  for (const name of Object.keys(config.adapters)) {
    if (!folders.includes(name)) throw new ConfigError(`adapters.${name}: no folder ${join(config.adaptersDir, name)}`);
  }
  const byName = Object.entries(config.adapters).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Promise.all(byName.map(([name, input]) => load(config, name, input)));
}

/** The folders that hold an adapter (`index.ts`), in name order. */
export async function adapterFolders(adaptersDir: string): Promise<string[]> {
  const entries = await readdir(adaptersDir, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const present = await Promise.all(
    names.map((name) =>
      access(join(adaptersDir, name, "index.ts")).then(
        () => true,
        () => false,
      ),
    ),
  );
  return names.filter((_, index) => present[index]).toSorted();
}

async function load(config: GatewayConfig, name: string, input: unknown): Promise<LoadedAdapter> {
  const manifest = await readManifest(config.adaptersDir, name);
  checkManifest(manifest, name);
  const adapterConfig = parseWith(manifest.config, input, `configuration of adapter ${name}`);
  const hosts = new Set(manifest.hosts(adapterConfig));
  if (config.profile === "production") refuseInProduction(name, hosts);
  const spec = await loadVendorSpec(manifest.spec);
  return { manifest, config: adapterConfig, hosts, spec, errors: manifest.errors };
}

async function readManifest(adaptersDir: string, name: string): Promise<Adapter> {
  const file = join(adaptersDir, name, "index.ts");
  let module: { default?: Partial<Adapter> };
  try {
    module = (await import(pathToFileURL(file).href)) as typeof module;
  } catch (error) {
    throw new ConfigError(`${file} cannot be loaded: ${(error as Error).message}`, { cause: error });
  }
  const manifest = module.default;
  if (typeof manifest?.name !== "string" || manifest.capabilities === undefined) {
    throw new ConfigError(`${file} exports no adapter: export default defineAdapter({…})`);
  }
  return manifest as Adapter;
}
