/** A gateway over one adapter's folder, over real sockets, with what operators see of it. */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { neverOverloaded, startGateway } from "#gateway";
import type { GatewayConfigInput, GatewayOptions } from "#gateway";
import { generateJwk, loadSignKey, publicJwks } from "#signature";
import { partner } from "../../mocks/partner/client.ts";
import type { Partner } from "../../mocks/partner/client.ts";
import { capturedLogger } from "./log-lines.ts";
import type { LogLine } from "./log-lines.ts";
import { steadyPort } from "./ports.ts";

const host = "127.0.0.1";
const quietMs = 600_000;
const manyPerSecond = 100_000;
/** Breakers would end the kit's rows of faults early; they have tests of their own. */
const noBreaker = 1_000_000;

export interface KitKeys {
  own: Awaited<ReturnType<typeof generateJwk>>;
  partner: Awaited<ReturnType<typeof generateJwk>>;
  store: string;
}

export interface KitGateway {
  origin: string;
  partner: Partner;
  lines: readonly LogLine[];
  /** The store's files begin with this. */
  storeFile: string;
  /** How far its clock is from the machine's. */
  clock: { offsetMs: number };
  /** The answer of the operators' door at this path. */
  admin(path: string): Promise<string>;
  /** Dies and lives again over the same store, as a deployment does; with other options if some are given. */
  restart(options?: KitGatewayOptions["options"]): Promise<void>;
  stop(): Promise<void>;
}

export interface KitGatewayOptions {
  dir: string;
  adaptersDir: string;
  keys: KitKeys;
  adapters: Record<string, unknown>;
  options?: Pick<GatewayOptions, "isolation" | "maxDeadlineMs">;
}

/** Fresh keys for gateways of one bench. */
export async function kitKeys(): Promise<KitKeys> {
  const [own, partnerKey] = await Promise.all([generateJwk(), generateJwk()]);
  return { own, partner: partnerKey, store: randomBytes(32).toString("base64url") };
}

/** The whole configuration, for a port that is known before. */
export async function kitConfig(given: KitGatewayOptions, port: number): Promise<GatewayConfigInput> {
  const { dir, adaptersDir, keys, adapters } = given;
  const key = await loadSignKey(keys.partner);
  return {
    profile: "sandbox",
    publicOrigin: `http://${host}:${port}`,
    listen: { host, port },
    admin: { host, port: 0 },
    adaptersDir,
    store: { file: join(dir, `${randomBytes(4).toString("hex")}.sqlite`), keys: [{ id: "kit", key: keys.store }] },
    signing: { keys: [keys.own as GatewayConfigInput["signing"]["keys"][number]], archived: [] },
    partners: [
      {
        id: "kit",
        name: "The kit",
        scopes: ["*"],
        jwks: publicJwks([key]) as GatewayConfigInput["partners"][number]["jwks"],
        requestsPerSecond: manyPerSecond,
      },
    ],
    adapters,
    // Nobody asks about what is open but the laws: else one law's leftovers would be another's effects.
    recovery: { unknownFirstAskMs: quietMs, waitingFirstAskMs: quietMs },
    logLevel: "debug",
  };
}

/** Starts one. Retries come without jitter; breakers stay closed unless the options say otherwise. */
export async function openGateway(given: KitGatewayOptions): Promise<KitGateway> {
  const config = await kitConfig(given, await steadyPort(host));
  const { logger, lines } = capturedLogger();
  const clock = { offsetMs: 0 };
  const start = (options: KitGatewayOptions["options"] = {}) =>
    startGateway(config, {
      logger,
      random: () => 0,
      now: () => new Date(Date.now() + clock.offsetMs),
      overload: neverOverloaded,
      ...options,
      isolation: { breakerMinimumCalls: noBreaker, ...options.isolation },
    });
  let running = await start(given.options);
  let stopped: Promise<void> | undefined;
  const { publicOrigin: origin } = config;
  const gatewayJwks = publicJwks([await loadSignKey(given.keys.own)]);
  const caller = partner({ origin, jwk: given.keys.partner, gatewayJwks });
  return {
    origin,
    partner: caller,
    lines,
    storeFile: "file" in config.store ? config.store.file : "",
    clock,
    admin: async (path) => (await fetch(running.adminOrigin + path)).text(),
    async restart(options = given.options) {
      caller.close();
      await running.drain();
      await sleep(0);
      running = await start(options);
    },
    stop() {
      caller.close();
      return (stopped ??= running.drain());
    },
  };
}
