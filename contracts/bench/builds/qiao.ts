/** The gateway as it is delivered: nothing switched off, its store on disk, its log in a file. */
import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import { startGateway } from "#gateway";
import type { GatewayConfigInput } from "#gateway";
import { publicJwk } from "./keys.ts";
import type { BuildOptions } from "./types.ts";

/** The most that a partner may have: the limiter counts every call, and refuses none of the bench's. */
const requestsPerSecond = 100_000;

/** The gateway's configuration for the exchange; `more` replaces whole members. */
export function benchConfig(options: BuildOptions, more: Partial<GatewayConfigInput> = {}): GatewayConfigInput {
  const { port, publicOrigin, partners, signing, vendor, dir } = options;
  return {
    profile: "sandbox",
    publicOrigin,
    listen: { host: "127.0.0.1", port },
    admin: { host: "127.0.0.1", port: 0 },
    adaptersDir: fileURLToPath(new URL("../adapters", import.meta.url)),
    store: { file: `${dir}/qiao.db`, keys: [{ id: "1", key: randomBytes(32).toString("base64url") }] },
    signing: { keys: [signing] },
    partners: partners.map(({ id, jwk }) => ({
      id,
      name: id,
      scopes: ["*"],
      jwks: { keys: [publicJwk(jwk)] },
      requestsPerSecond,
    })),
    adapters: { "bench-vendor": vendor },
    ...more,
  } as GatewayConfigInput;
}

export async function startQiao(options: BuildOptions, more?: Partial<GatewayConfigInput>): Promise<void> {
  await startGateway(benchConfig(options, more));
}
