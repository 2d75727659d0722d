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
  return Promise.all(Object.entries(config.adapters).map(([name, input]) => load(config, name, input)));
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
  const file = pathToFileURL(join(config.adaptersDir, name, "index.ts"));
  const { default: manifest } = (await import(file.href)) as { default: Adapter };
  const adapterConfig = parseWith(manifest.config, input, `configuration of adapter ${name}`);
  const hosts = new Set(manifest.hosts(adapterConfig));
  if (config.profile === "production") refuseInProduction(name, hosts);
  const spec = await loadVendorSpec(manifest.spec);
  checkManifest(manifest, name);
  return { manifest, config: adapterConfig, hosts, spec, errors: manifest.errors };
}
