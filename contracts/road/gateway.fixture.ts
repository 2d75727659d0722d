/** A gateway with a configuration of the test's own, where the sandbox has no place for it. */
import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { neverOverloaded, startGateway } from "#gateway";
import type { GatewayConfigInput, GatewayOptions, RunningGateway } from "#gateway";
import { startMock } from "#mocks";
import type { MockDefinition, RunningMock } from "#mocks";
import { generateJwk, loadSignKey, publicJwks } from "#signature";
import { partner } from "../../mocks/partner/client.ts";
import type { Partner } from "../../mocks/partner/client.ts";
import type { Jwk, Jwks } from "../../mocks/partner/profile.ts";
import { freePort } from "../../mocks/sandbox/ports.ts";
import { capturedLogger, newDir } from "./setup.fixture.ts";
import type { LogLine } from "./setup.fixture.ts";

export const adaptersDir = fileURLToPath(new URL("../../adapters", import.meta.url));
const host = "127.0.0.1";

type ConfiguredJwk = GatewayConfigInput["signing"]["keys"][number];

/** A key pair: the private JWK, and what is registered of it. */
export interface KeyPair {
  jwk: Jwk;
  published: ConfiguredJwk;
}

export interface Gateway {
  gateway: RunningGateway;
  jwks: Jwks;
  mocks: readonly RunningMock[];
  lines: LogLine[];
  /** Speaks as the holder of this key. */
  as(jwk: Jwk): Partner;
  close(): Promise<void>;
}

/** A fresh key of the profile. */
export async function newKey(alg: "EdDSA" | "ES256" | "PS256" = "EdDSA"): Promise<KeyPair> {
  const jwk = await generateJwk(alg);
  const [published] = publicJwks([await loadSignKey(jwk)]).keys;
  return { jwk: jwk, published: published as ConfiguredJwk };
}

/** A registration with every scope, unless `more` says otherwise. */
export function registered(
  id: string,
  keys: readonly KeyPair[],
  more: Partial<GatewayConfigInput["partners"][number]> = {},
): GatewayConfigInput["partners"][number] {
  return { id, name: id, scopes: ["*"], jwks: { keys: keys.map(({ published }) => published) }, ...more };
}

/** Starts the mocks of these adapters and a gateway over them; `config` replaces whole members of its configuration. */
export async function openGateway(
  config: Pick<GatewayConfigInput, "partners"> & Partial<Omit<GatewayConfigInput, "signing">>,
  options: {
    adapters?: string[];
    signing?: KeyPair;
    archived?: KeyPair[];
    limits?: GatewayOptions["limits"];
    overload?: GatewayOptions["overload"];
  } = {},
): Promise<Gateway> {
  const { adapters = [], archived = [], limits, overload = neverOverloaded } = options;
  const dir = await newDir();
  const signing = options.signing ?? (await newKey());
  const jwks: Jwks = { keys: [signing.published] };
  const mocks = await Promise.all(
    adapters.map(async (name) => {
      const file = pathToFileURL(join(adaptersDir, name, "mock.ts"));
      const { default: definition } = (await import(file.href)) as { default: MockDefinition };
      return startMock(definition, { gatewayJwks: { keys: [signing.published] } });
    }),
  );
  const port = await freePort(host);
  const { logger, lines } = capturedLogger();
  const partners: Partner[] = [];
  const gateway = await startGateway(
    {
      profile: "sandbox",
      publicOrigin: `http://${host}:${port}`,
      listen: { host, port },
      admin: { host, port: 0 },
      adaptersDir,
      store: { file: join(dir, "qiao.sqlite"), keys: [{ id: "1", key: randomBytes(32).toString("base64url") }] },
      signing: { keys: [signing.jwk as ConfiguredJwk], archived: archived.map(({ published }) => published) },
      adapters: Object.fromEntries(mocks.map((mock) => [mock.adapter, mock.config])),
      ...config,
    },
    { logger, overload, ...(limits === undefined ? {} : { limits }) },
  );
  const publicOrigin = config.publicOrigin ?? gateway.origin;
  return {
    gateway,
    jwks,
    mocks,
    lines,
    as(jwk) {
      const made = partner({ origin: gateway.origin, publicOrigin, jwk, gatewayJwks: jwks });
      partners.push(made);
      return made;
    },
    async close() {
      for (const each of partners) each.close();
      await gateway.drain();
      await Promise.all(mocks.map((mock) => mock.stop()));
      await rm(dir, { recursive: true, force: true });
    },
  };
}
