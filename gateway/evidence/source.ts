/** Where evidence is read from: the store that a configuration names, or a sandbox's. */
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { loadKeySet, loadSignKey, loadVerifyKey } from "#signature";
import type { SignKey, VerifyKey } from "#signature";
import { openStore } from "#store";
import type { Store, StoreSetting } from "#store";
import { ConfigError, readConfig } from "../config/index.ts";

export interface EvidenceSource {
  store: Store;
  /** The gateway's public keys, now and archived, by keyid. */
  gatewayKeys: ReadonlyMap<string, VerifyKey>;
  /** The key that signs now. */
  signingKey: SignKey;
  /** Partners' registered public keys, by keyid. */
  partnerKeys: ReadonlyMap<string, { partner: string; key: VerifyKey }>;
}

/** The options that both commands take; what is left of the arguments. Throws a ConfigError. */
export function readSource(args: readonly string[], env: Readonly<Record<string, string | undefined>>) {
  const at = args.indexOf("--sandbox");
  if (at === -1) return { rest: [...args], open: () => openConfigured(env["QIAO_CONFIG"]) };
  const given = args[at + 1];
  const dir = given === undefined || given.startsWith("-") ? undefined : given;
  const rest = args.toSpliced(at, dir === undefined ? 1 : 2);
  const folder = dir ?? (env["QIAO_SANDBOX_DIR"] || fileURLToPath(new URL("../../.sandbox", import.meta.url)));
  return { rest, open: () => openSandbox(resolve(folder)) };
}

async function openConfigured(file: string | undefined): Promise<EvidenceSource> {
  const config = await readConfig(file);
  const partners = await Promise.all(
    config.partners.map(async ({ id, jwks }) => [...(await loadKeySet(jwks)).values()].map((key) => ({ id, key }))),
  );
  const [first] = config.signing.keys;
  return {
    store: await openExisting(config.store),
    gatewayKeys: await publicKeys([...config.signing.keys, ...config.signing.archived]),
    signingKey: await loadSignKey(first),
    partnerKeys: new Map(partners.flat().map(({ id, key }) => [key.keyid, { partner: id, key }])),
  };
}

/** The files that the sandbox keeps, whether it runs or not. */
async function openSandbox(dir: string): Promise<EvidenceSource> {
  const read = async (name: string): Promise<unknown> => {
    try {
      return JSON.parse(await readFile(join(dir, name), "utf8"));
    } catch {
      throw new ConfigError(`${join(dir, name)} cannot be read: no sandbox was started in ${dir}`);
    }
  };
  const gateway = await read("gateway.private.jwk.json");
  const partnerFiles = (await readdir(dir)).filter((name) => /^partner-[a-z]\.jwk\.json$/.test(name));
  const partners = await Promise.all(
    partnerFiles.map(async (name) => ({
      partner: name.slice(0, name.indexOf(".")),
      key: await loadVerifyKey(await read(name)),
    })),
  );
  const keys = (await read("store.keys.json")) as { id: string; key: string }[];
  return {
    store: await openExisting({ file: join(dir, "qiao.sqlite"), keys }),
    gatewayKeys: await publicKeys([gateway]),
    signingKey: await loadSignKey(gateway),
    partnerKeys: new Map(partners.map((known) => [known.key.keyid, known])),
  };
}

async function publicKeys(jwks: readonly unknown[]): Promise<ReadonlyMap<string, VerifyKey>> {
  const keys = await Promise.all(jwks.map((jwk) => loadVerifyKey(jwk)));
  return new Map(keys.map((key) => [key.keyid, key]));
}

/** A store that is there: a wrong path must not make an empty one, whose evidence is then "intact". */
async function openExisting(setting: StoreSetting): Promise<Store> {
  if ("file" in setting && !existsSync(setting.file)) throw new ConfigError(`there is no store at ${setting.file}`);
  return openStore(setting);
}
