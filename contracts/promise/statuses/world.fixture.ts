/** Gateways over the scripted vendor, and those who call them. */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { neverOverloaded, startGateway } from "#gateway";
import type { GatewayConfigInput, RunningGateway } from "#gateway";
import { partner } from "../../../mocks/partner/client.ts";
import type { Partner } from "../../../mocks/partner/client.ts";
import { newKey, registered } from "../../road/gateway.fixture.ts";
import type { KeyPair } from "../../road/gateway.fixture.ts";
import { capturedLogger } from "../../road/setup.fixture.ts";
import type { LogLine } from "../../road/setup.fixture.ts";
import { Requests } from "./requests.fixture.ts";
import { startScripted } from "./vendor.fixture.ts";
import type { ScriptedVendor } from "./vendor.fixture.ts";

/** As usual, but for the patience with senders. */
const limits = {
  maxHeaderBytes: 16 * 1024,
  headersTimeoutMs: 1_500,
  requestTimeoutMs: 15_000,
  idleTimeoutMs: 65_000,
  connectionsCheckEveryMs: 100,
  lingerMs: 200,
  maxConnections: 1_000,
};

type SigningKey = GatewayConfigInput["signing"]["keys"][number];

export interface Callers {
  /** May do everything. */
  full: Partner;
  /** May do nothing. */
  poor: Partner;
  /** May call once a second. */
  hasty: Partner;
}

export interface World {
  vendor: ScriptedVendor;
  gateway: RunningGateway;
  callers: Callers;
  requests: Requests;
  lines: LogLine[];
  /** The next look at the clock on the way in throws: a defect of the gateway's own. */
  breakOnce(): void;
  /** The same store behind a gateway of the production profile, with no adapter at all. Ends this one if it runs. */
  productionWithoutAdapters(): Promise<{ full: Partner; close(): Promise<void> }>;
  drain(): Promise<void>;
  close(): Promise<void>;
}

/** Starts vendor and gateway on free ports. */
export async function openWorld(): Promise<World> {
  const vendor = await startScripted();
  const keys = { own: await newKey(), full: await newKey(), poor: await newKey(), hasty: await newKey() };
  const { logger, lines } = capturedLogger();
  const base = configOf(vendor, keys);
  let broken = false;
  const gateway = await startGateway(base, {
    logger,
    limits,
    overload: neverOverloaded,
    now() {
      if (broken && new Error().stack?.includes("/gateway/inbound/") === true) {
        broken = false;
        throw new TypeError("the clock is broken");
      }
      return new Date();
    },
  });
  const gatewayJwks = { keys: [keys.own.published] };
  const callers = (["full", "poor", "hasty"] as const).map(
    (name) => [name, partner({ origin: gateway.origin, publicOrigin, jwk: keys[name].jwk, gatewayJwks })] as const,
  );
  const all = Object.fromEntries(callers) as unknown as Callers;
  let drained: Promise<void> | undefined;
  const drain = (): Promise<void> => (drained ??= gateway.drain());
  return {
    vendor,
    gateway,
    callers: all,
    requests: new Requests(all.full, vendor.script),
    lines,
    breakOnce: () => void (broken = true),
    async productionWithoutAdapters() {
      await drain();
      const input = { ...base, profile: "production" as const, publicOrigin: `https://${host}`, adapters: {} };
      const other = await startGateway(input, { logger });
      const full = partner({ origin: other.origin, publicOrigin: input.publicOrigin, jwk: keys.full.jwk, gatewayJwks });
      return {
        full,
        async close() {
          full.close();
          await other.drain();
        },
      };
    },
    drain,
    async close() {
      for (const [, each] of callers) each.close();
      await drain();
      await vendor.close();
    },
  };
}

const host = "gateway.example";
export const publicOrigin = `http://${host}`;

function configOf(
  { root, adaptersDir, mock }: ScriptedVendor,
  keys: Record<"own" | keyof Callers, KeyPair>,
): GatewayConfigInput {
  const any = { host: "127.0.0.1", port: 0 };
  const sealing = { id: "1", key: randomBytes(32).toString("base64url") };
  return {
    profile: "sandbox",
    publicOrigin,
    listen: any,
    admin: any,
    adaptersDir,
    store: { file: join(root, "qiao.sqlite"), keys: [sealing] },
    signing: { keys: [keys.own.jwk as SigningKey] },
    partners: [
      registered("full", [keys.full], { requestsPerSecond: 1_000 }),
      registered("poor", [keys.poor], { scopes: ["nothing"] }),
      registered("hasty", [keys.hasty], { requestsPerSecond: 1 }),
    ],
    adapters: { scripted: mock.config },
  };
}
