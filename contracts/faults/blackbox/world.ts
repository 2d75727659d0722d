/** Everything that the black box stands on: vendor, proxy, sink, gateways, partners. */
import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { GatewayConfigInput } from "#gateway";
import { generateJwk, loadKeySet, loadSignKey, publicJwks } from "#signature";
import type { Jwk, Jwks } from "../../../mocks/partner/profile.ts";
import { freePort } from "../../../mocks/sandbox/ports.ts";
import { freshStore } from "./engine.ts";
import type { EngineName } from "./engine.ts";
import { gatewayProcess } from "./gateway-process.ts";
import type { GatewayAddress, GatewayProcess } from "./gateway-process.ts";
import { emptyHistory } from "./history.ts";
import type { History } from "./history.ts";
import { partnerCalls } from "./partner-calls.ts";
import type { PartnerCalls } from "./partner-calls.ts";
import { startProxy } from "./proxy.ts";
import type { FaultProxy } from "./proxy.ts";
import type { Choices } from "./random.ts";
import { startSink } from "./sink.ts";
import type { WebhookSink } from "./sink.ts";
import { Tally } from "./tally.ts";
import { startBookedVendor } from "./vendor.ts";
import type { BookedVendor } from "./vendor.ts";
import type { Weather } from "./weather.ts";

const host = "127.0.0.1";
const adaptersDir = fileURLToPath(new URL("../../../adapters", import.meta.url));
/** More than the deadline of a creation (10 s) and what the proxy may hold (1 s): then nothing is under way any more. */
const absentAfterSeconds = 12;

export interface World {
  history: History;
  tally: Tally;
  vendor: BookedVendor;
  proxy: FaultProxy;
  sink: WebhookSink;
  gateways: readonly GatewayProcess[];
  a: PartnerCalls;
  b: PartnerCalls;
  setWeather(weather: Weather): void;
  close(): Promise<void>;
}

export interface WorldOptions {
  engine: EngineName;
  processes: 1 | 2;
  choices: Choices;
}

/** Builds it all; the gateways are not started yet. */
export async function buildWorld({ engine, processes, choices }: WorldOptions): Promise<World> {
  await using undo = new AsyncDisposableStack();
  const dir = await mkdtemp(join(tmpdir(), "qiao-blackbox-"));
  undo.defer(() => rm(dir, { recursive: true, force: true }));
  const history = emptyHistory();
  const tally = new Tally();
  const addresses = await Promise.all(
    Array.from({ length: processes }, async (_, index): Promise<GatewayAddress> => {
      const [port, adminPort] = [await freePort(host), await freePort(host)];
      const configFile = join(dir, `gateway-${index}.json`);
      const origins = { origin: `http://${host}:${port}`, adminOrigin: `http://${host}:${adminPort}` };
      return { ...origins, configFile, cacheDir: join(dir, "compiled") };
    }),
  );
  const onFault = (what: string): void => void history.processFaults.push(what);
  const gateways = addresses.map((address) => gatewayProcess(address, onFault));
  undo.defer(async () => void (await Promise.all(gateways.map((gateway) => gateway.kill()))));

  const [first, ...rest] = addresses.map(({ origin }) => origin);
  if (first === undefined) throw new Error("no gateway");
  const alive = (): string[] => {
    const ready = gateways.filter((gateway) => gateway.ready).map(({ address }) => address.origin);
    return ready.length > 0 ? ready : [first, ...rest];
  };
  const vendor = await startBookedVendor(alive, choices.fork(), tally);
  undo.defer(() => vendor.mock.stop());
  const proxy = await startProxy(vendor.mock.origin, choices.fork(), tally);
  undo.defer(() => proxy.stop());

  const [gatewayKey, aKey, bKey] = await Promise.all([newKey(), newKey(), newKey()]);
  const { arrivals } = history;
  const keys = await loadKeySet(gatewayKey.published);
  const sink = await startSink({ keys, arrivals, choices: choices.fork(), tally });
  undo.defer(() => sink.stop());

  const store = await freshStore(engine, dir, [{ id: "1", key: randomBytes(32).toString("base64url") }]);
  undo.defer(() => store.remove());
  const shared: Omit<GatewayConfigInput, "listen" | "admin"> = {
    profile: "sandbox",
    // Both processes stand behind one name, as behind a balancer.
    publicOrigin: first,
    adaptersDir,
    store: store.config,
    signing: { keys: [gatewayKey.jwk] },
    partners: [registered("partner-a", aKey), registered("partner-b", bKey)],
    adapters: { "alipay-huabei": { ...vendor.mock.config, baseUrl: proxy.origin, absentAfterSeconds } },
    // Minutes of a real day become seconds here; the promises are the same.
    recovery: {
      unknownFirstAskMs: 300,
      waitingFirstAskMs: 1_000,
      maxAskEveryMs: 3_000,
      maxAsksUntilStuck: 100,
      leaseMs: 10_000,
    },
    webhooks: { retryDelaysMs: Array.from({ length: 50 }, () => 400), attemptDeadlineMs: 1_000, leaseMs: 3_000 },
    logLevel: "error",
  };
  for (const { origin, adminOrigin, configFile } of addresses) {
    const config: GatewayConfigInput = { ...shared, listen: placeOf(origin), admin: placeOf(adminOrigin) };
    await writeFile(configFile, JSON.stringify(config), { mode: 0o600 });
  }
  const common = { gatewayJwks: gatewayKey.published, publicOrigin: first, history };
  const origins: [string, ...string[]] = [first, ...rest];
  const a = partnerCalls({ ...common, origins, name: "a", jwk: aKey.jwk });
  const b = partnerCalls({ ...common, origins, name: "b", jwk: bKey.jwk });
  undo.defer(() => a.close());
  undo.defer(() => b.close());
  const built = undo.move();
  return {
    history,
    tally,
    vendor,
    proxy,
    sink,
    gateways,
    a,
    b,
    setWeather: (weather) => [vendor, proxy, sink].forEach((part) => part.setWeather(weather)),
    close: () => built.disposeAsync(),
  };
}

type ConfiguredJwk = GatewayConfigInput["signing"]["keys"][number];

interface KeyPair {
  jwk: Jwk & ConfiguredJwk;
  published: Jwks & { keys: ConfiguredJwk[] };
}

async function newKey(): Promise<KeyPair> {
  const jwk = await generateJwk();
  return { jwk: jwk as KeyPair["jwk"], published: publicJwks([await loadSignKey(jwk)]) as KeyPair["published"] };
}

function registered(id: string, { published }: KeyPair): GatewayConfigInput["partners"][number] {
  return { id, name: id, scopes: ["*"], jwks: published, requestsPerSecond: 10_000 };
}

function placeOf(origin: string): { host: string; port: number } {
  const { hostname, port } = new URL(origin);
  return { host: hostname, port: Number(port) };
}
