/** A gateway over fictitious adapters, with two partners, its log lines and its operators' door. */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { neverOverloaded, startGateway } from "#gateway";
import type { GatewayConfigInput } from "#gateway";
import { generateJwk, loadSignKey, publicJwks } from "#signature";
import { partner } from "../../../mocks/partner/client.ts";
import type { Answered, Partner } from "../../../mocks/partner/client.ts";
import { capturedLogger } from "../setup.fixture.ts";
import type { LogLine } from "../setup.fixture.ts";
import type { AdapterFolders } from "./folder.fixture.ts";

const publicOrigin = "http://gateway.example";

export interface TestGateway {
  partner: Partner;
  /** Partner B. */
  other: Partner;
  lines: LogLine[];
  /** The `data` of an address of the operators' door. */
  admin<T>(path: string): Promise<T[]>;
  metrics(): Promise<string>;
  /** Drains. May be called again. */
  stop(): Promise<void>;
}

export interface TestGatewayOptions {
  folders: AdapterFolders;
  /** Configuration by adapter. */
  adapters: Record<string, Record<string, unknown>>;
  routes?: GatewayConfigInput["routes"];
  now?: () => Date;
}

/** Starts it on free ports. Jitter is off: a retry comes at once. */
export async function openGateway({ folders, adapters, routes, now }: TestGatewayOptions): Promise<TestGateway> {
  const config = await gatewayConfig(folders, adapters, routes);
  const { logger, lines } = capturedLogger();
  const gateway = await startGateway(config.input, {
    logger,
    overload: neverOverloaded,
    random: () => 0,
    ...(now === undefined ? {} : { now }),
  });
  const { gatewayJwks, jwk, otherJwk } = config;
  let stopped: Promise<void> | undefined;
  const { origin } = gateway;
  const caller = partner({ origin, publicOrigin, jwk, gatewayJwks });
  const other = partner({ origin, publicOrigin, jwk: otherJwk, gatewayJwks });
  return {
    partner: caller,
    other,
    lines,
    async admin<T>(path: string) {
      const answer = await fetch(gateway.adminOrigin + path);
      return ((await answer.json()) as { data: T[] }).data;
    },
    metrics: async () => (await fetch(`${gateway.adminOrigin}/metrics`)).text(),
    stop() {
      caller.close();
      other.close();
      return (stopped ??= gateway.drain());
    },
  };
}

type SigningKey = GatewayConfigInput["signing"]["keys"][number];
type PartnerKeys = GatewayConfigInput["partners"][number]["jwks"];

/** A whole configuration with fresh keys: of `partner-a`, `partner-b` and the gateway. */
export async function gatewayConfig(
  { root, adaptersDir }: AdapterFolders,
  adapters: Record<string, unknown>,
  routes: GatewayConfigInput["routes"] = [],
) {
  const [own, jwk, otherJwk] = await Promise.all([generateJwk(), generateJwk(), generateJwk()]);
  const [ownKey, ...partnerKeys] = await Promise.all([loadSignKey(own), loadSignKey(jwk), loadSignKey(otherJwk)]);
  const [a, b] = partnerKeys.map((key) => publicJwks([key]) as PartnerKeys);
  if (a === undefined || b === undefined) throw new Error("two partners have two keys");
  const any = { host: "127.0.0.1", port: 0 };
  const input: GatewayConfigInput = {
    profile: "sandbox",
    publicOrigin,
    listen: any,
    admin: any,
    adaptersDir,
    store: {
      file: join(root, `${randomBytes(4).toString("hex")}.sqlite`),
      keys: [{ id: "test", key: randomBytes(32).toString("base64url") }],
    },
    signing: { keys: [own as SigningKey], archived: [] },
    partners: [
      { id: "partner-a", name: "A", scopes: ["*"], jwks: a },
      { id: "partner-b", name: "B", scopes: ["*"], jwks: b },
    ],
    adapters,
    routes,
    logLevel: "debug",
  };
  return { input, jwk, otherJwk, gatewayJwks: publicJwks([ownKey]) };
}

/** A call with each effect. `fault` names the vendor's trouble; a quote names it by its number. */
export const calls = {
  read: (caller: Partner, faults: readonly string[], fault: string): Promise<Answered> => {
    const cents = String(faults.indexOf(fault)).padStart(2, "0");
    const amount = { amount: `1000.${cents}`, currency: "CNY" };
    return caller.request("POST", "/v1/instalment-quotes", {
      body: { amount, feeBearer: "customer" },
      idempotencyKey: false,
    });
  },
  charged: (caller: Partner, fault: string, idempotencyKey?: string): Promise<Answered> =>
    caller.request("POST", "/v1/identity-checks", {
      body: { type: "id_two_factor", name: "张三", nationalId: "11010519491231002X", reference: fault },
      ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
    }),
  once: (caller: Partner, fault: string, idempotencyKey?: string): Promise<Answered> =>
    caller.request("POST", "/v1/instalments", {
      body: {
        amount: { amount: "1000.00", currency: "CNY" },
        periods: 3,
        feeBearer: "customer",
        subject: "A phone",
        payer: { type: "account", accountId: "2088102146225135" },
        reference: fault,
      },
      ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
    }),
};
