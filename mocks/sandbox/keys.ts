import { randomBytes } from "node:crypto";
import type { GatewayConfigInput } from "#gateway";
import { generateJwk, loadSignKey, publicJwks } from "#signature";
import { SandboxError } from "./failure.ts";
import type { SandboxFolder } from "./folder.ts";

type Jwk = GatewayConfigInput["signing"]["keys"][number];
type Jwks = GatewayConfigInput["partners"][number]["jwks"];

/** A registered partner of the sandbox, with its private key. */
interface SandboxPartner {
  id: string;
  keyid: string;
  keyFile: string;
  jwk: Jwk;
  jwks: Jwks;
}

export interface SandboxKeys {
  partners: { a: SandboxPartner; b: SandboxPartner };
  gateway: { jwk: Jwk; jwks: Jwks };
  store: { id: string; key: string }[];
}

/** All keys of the sandbox: made once, kept in its folder. Throws a `SandboxError` for a key file that was spoilt. */
export async function keepKeys(folder: SandboxFolder): Promise<SandboxKeys> {
  const [a, b, gateway, store] = await Promise.all([
    keepPartner(folder, "partner-a"),
    keepPartner(folder, "partner-b"),
    keepSigningKey(folder, "gateway.private.jwk.json"),
    folder.keep("store.keys.json", () =>
      Promise.resolve([{ id: "sandbox-1", key: randomBytes(32).toString("base64url") }]),
    ),
  ]);
  await folder.write("gateway.jwks.json", gateway.jwks);
  return { partners: { a, b }, gateway, store };
}

async function keepPartner(folder: SandboxFolder, id: string): Promise<SandboxPartner> {
  const name = `${id}.jwk.json`;
  return { id, keyFile: folder.file(name), ...(await keepSigningKey(folder, name)) };
}

async function keepSigningKey(folder: SandboxFolder, name: string): Promise<{ keyid: string; jwk: Jwk; jwks: Jwks }> {
  const jwk = await folder.keep(name, () => generateJwk());
  try {
    const key = await loadSignKey(jwk);
    // What loadSignKey took is a key that the configuration takes.
    return { keyid: key.keyid, jwk: jwk as Jwk, jwks: publicJwks([key]) as Jwks };
  } catch (error) {
    const why = error instanceof Error ? error.message : "unreadable";
    throw new SandboxError(`${folder.file(name)}: ${why}; remove it to have it made anew`, { cause: error });
  }
}
