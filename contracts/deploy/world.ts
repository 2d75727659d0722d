/** The whole gateway on a PostgreSQL, with mock vendors, a webhook endpoint, and partners who call it. */
import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { pino } from "pino";
import { startGateway } from "#gateway";
import type { GatewayConfigInput, RunningGateway } from "#gateway";
import { startMock } from "#mocks";
import { generateJwk, loadSignKey, publicJwks } from "#signature";
import { partner } from "../../mocks/partner/client.ts";
import type { Partner } from "../../mocks/partner/client.ts";
import { discoverMocks } from "../../mocks/sandbox/discover.ts";
import { freePort } from "../../mocks/sandbox/ports.ts";

const host = "127.0.0.1";
const adaptersDir = fileURLToPath(new URL("../../adapters", import.meta.url));
/** No limit that a measurement could reach. */
const requestsPerSecond = 100_000;
/** Recovery's own asks are no part of an effect that goes as it should. */
const firstAskMs = 3_600_000;

type Jwk = GatewayConfigInput["signing"]["keys"][number];

export interface World {
  gateway: RunningGateway;
  us: Partner[];
  /** Where partners want their events. */
  hook: { url: string; told(): number };
}

/** Everything that it starts is stopped by `undo`, but the gateway, which the caller drains. */
export async function startWorld(url: string, partners: number, undo: AsyncDisposableStack): Promise<World> {
  const hook = await startHook(undo);
  return { hook, ...(await startAll(url, partners, undo)) };
}

async function startHook(undo: AsyncDisposableStack): Promise<World["hook"]> {
  let told = 0;
  const server = createServer((request, response) => {
    request.resume().on("end", () => {
      told += 1;
      response.writeHead(204).end();
    });
  });
  const port = await freePort(host);
  await new Promise<void>((resolve) => server.listen(port, host, resolve));
  undo.defer(() => void server.close());
  return { url: `http://localhost:${port}/`, told: () => told };
}

async function startAll(url: string, partners: number, undo: AsyncDisposableStack): Promise<Omit<World, "hook">> {
  const signing = await generateJwk();
  const jwks = publicJwks([await loadSignKey(signing)]);
  const definitions = await discoverMocks(adaptersDir, ["alipay-huabei", "tencent-faceid"]);
  const mocks = await Promise.all(definitions.map((definition) => startMock(definition, { gatewayJwks: jwks })));
  undo.defer(async () => void (await Promise.all(mocks.map((mock) => mock.stop()))));
  const keys = await Promise.all(Array.from({ length: partners }, () => generateJwk()));
  const port = await freePort(host);
  const registered = keys.map(async (key, at) => ({
    id: `partner-${at}`,
    name: `Partner ${at}`,
    scopes: ["*"],
    jwks: publicJwks([await loadSignKey(key)]) as { keys: Jwk[] },
    requestsPerSecond,
  }));
  const config: GatewayConfigInput = {
    profile: "sandbox",
    publicOrigin: `http://${host}:${port}`,
    listen: { host, port },
    admin: { host, port: 0 },
    adaptersDir,
    store: { url, keys: [{ id: "1", key: randomBytes(32).toString("base64url") }] },
    signing: { keys: [signing as Jwk] },
    partners: await Promise.all(registered),
    adapters: Object.fromEntries(mocks.map((mock) => [mock.adapter, mock.config])),
    recovery: { waitingFirstAskMs: firstAskMs },
  };
  const gateway = await startGateway(config, { logger: pino({ level: "silent" }) });
  const us = keys.map((jwk) => partner({ origin: gateway.origin, jwk, gatewayJwks: jwks }));
  undo.defer(() => {
    for (const each of us) each.close();
  });
  return { gateway, us };
}
