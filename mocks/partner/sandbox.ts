/** What the running sandbox wrote down for its users: where it listens and with which keys it is spoken to. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { PartnerOptions } from "./client.ts";
import type { Jwk, Jwks } from "./profile.ts";

interface SandboxFile {
  readonly gateway: string;
  readonly partners: Readonly<Record<string, { readonly keyid: string; readonly keyFile: string }>>;
}

/** Something the user can mend: no sandbox, or no such partner. */
export class SandboxUnusable extends Error {
  override readonly name = "SandboxUnusable";
}

/** Options for `partner()` from a sandbox's folder; key files are looked up in that folder. Throws SandboxUnusable. */
export function sandboxPartner(folder: string, name: string): PartnerOptions {
  const { gateway, partners } = readJson(resolve(folder, "sandbox.json")) as SandboxFile;
  const chosen = partners[name];
  if (chosen === undefined) {
    throw new SandboxUnusable(`there is no partner ${name}; the sandbox has ${Object.keys(partners).join(", ")}`);
  }
  const jwk = readJson(resolve(folder, chosen.keyFile)) as Jwk;
  const gatewayJwks = readJson(resolve(folder, "gateway.jwks.json")) as Jwks;
  return { origin: gateway, jwk, gatewayJwks };
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    throw new SandboxUnusable(`${file} cannot be read; start the sandbox with: npm start`);
  }
}
