/** The build that expectations are run against: a sandbox of its own, one that runs, or any gateway by its address. */
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { partner } from "../../../mocks/partner/client.ts";
import type { Partner, PartnerOptions } from "../../../mocks/partner/client.ts";
import type { Jwk, Jwks } from "../../../mocks/partner/profile.ts";
import { sandboxPartner } from "../../../mocks/partner/sandbox.ts";
import { startSandbox } from "../../../mocks/sandbox/start.ts";

export interface Target {
  /** For people. */
  name: string;
  caller(name: string): Partner;
  close(): Promise<void>;
}

/** Starts a sandbox with every vendor in a folder of its own, on free ports. */
export async function ownSandbox(): Promise<Target> {
  const dir = await mkdtemp(join(tmpdir(), "qiao-contract-"));
  const sandbox = await startSandbox({ dir, gatewayPort: 0, adminPort: 0, vendorPort: 0, logLevel: "silent" });
  const target = runningSandbox(dir);
  return {
    ...target,
    name: "a sandbox of this build",
    async close() {
      await target.close();
      await sandbox.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** A sandbox that runs, by its folder. */
export function runningSandbox(dir: string): Target {
  return targetOf(`the sandbox in ${dir}`, (name) => sandboxPartner(dir, name));
}

/** Any gateway that knows the key; its own keys are those that it publishes. Throws when it cannot be reached. */
export async function gatewayAt(origin: string, keyFile: string): Promise<Target> {
  const published = await fetch(`${origin}/.well-known/jwks.json`);
  if (!published.ok) throw new Error(`${origin} publishes no keys: ${published.status}`);
  const gatewayJwks = (await published.json()) as Jwks;
  const jwk = JSON.parse(readFileSync(keyFile, "utf8")) as Jwk;
  return targetOf(origin, () => ({ origin, jwk, gatewayJwks }));
}

function targetOf(name: string, optionsOf: (partner: string) => PartnerOptions): Target {
  const callers = new Map<string, Partner>();
  return {
    name,
    caller(partnerName) {
      const known = callers.get(partnerName) ?? partner(optionsOf(partnerName));
      callers.set(partnerName, known);
      return known;
    },
    close() {
      for (const caller of callers.values()) caller.close();
      return Promise.resolve();
    },
  };
}
