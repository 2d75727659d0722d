import type { Logger } from "pino";
import { loadKeySet, loadSignKey, createNonceWindow } from "#signature";
import type { KnownKey, VerifyKey } from "#signature";
import { createOutbound } from "#outbound";
import type { IsolationLimits } from "#outbound";
import { openStore } from "#store";
import type { Store } from "#store";
import { adminApp, probes } from "./admin/index.ts";
import { callbackRoute } from "./callbacks/route.ts";
import { parseConfig } from "./config/index.ts";
import type { GatewayConfig, GatewayConfigInput, PartnerConfig } from "./config/index.ts";
import { boundedServer, closeGracefully, listen, localAnswers, publicApp, refusalCounter } from "./inbound/index.ts";
import type { ServerLimits } from "./inbound/index.ts";
import { startRecorder } from "./evidence/index.ts";
import { answerChecks } from "./operations/contract.ts";
import { createOperations } from "./operations/index.ts";
import type { OperationPorts } from "./operations/index.ts";
import { operator, recoveryRoutes, startRecovery } from "./recovery/index.ts";
import { createRouting, discoverAdapters } from "./routing/index.ts";
import { createLogger } from "./telemetry/logger.ts";
import { createMetrics } from "./telemetry/metrics.ts";
import { startUpkeep } from "./telemetry/upkeep.ts";
import { createWebhooks } from "./webhooks/index.ts";

export { adapterFolders } from "./routing/index.ts";
export { ConfigError, readConfig } from "./config/index.ts";
export type { GatewayConfig, GatewayConfigInput } from "./config/index.ts";
export { AddressTaken } from "./inbound/index.ts";

/** How long requests in progress may take after the first signal to stop. */
const drainGraceMs = 25_000;

export interface RunningGateway {
  origin: string;
  adminOrigin: string;
  /** Takes nothing new, lets what is in progress finish, then lets go of everything. */
  drain(): Promise<void>;
}

export interface GatewayOptions {
  logger?: Logger;
  now?(): Date;
  random?(): number;
  /** The partners' connections, where other bounds than the usual ones are wanted. */
  limits?: ServerLimits;
  /** Breakers and bulkheads towards vendors, likewise. */
  isolation?: Partial<IsolationLimits>;
  /** Ends every operation sooner than the contract's deadline would. */
  maxDeadlineMs?: number;
}

/** Builds the whole gateway from its configuration and listens. Whatever is wrong stops it here, with nothing left open. */
export async function startGateway(
  input: GatewayConfigInput | GatewayConfig,
  options: GatewayOptions = {},
): Promise<RunningGateway> {
  const config = parseConfig(input);
  const { now = () => new Date(), random = Math.random, logger = createLogger(config.logLevel) } = options;
  const adapters = await discoverAdapters(config);
  const routing = createRouting(config, adapters, random);
  const signingKeys = await Promise.all(config.signing.keys.map((jwk) => loadSignKey(jwk)));
  const archived =
    config.signing.archived.length === 0 ? [] : [...(await loadKeySet({ keys: config.signing.archived })).values()];
  const partnerKeys = await loadPartnerKeys(config.partners);
  const checkAnswer = answerChecks();
  const store = await openStore(config.store);
  try {
    return await listening({
      config,
      now,
      logger,
      random,
      routing,
      signingKeys,
      archived,
      partnerKeys,
      checkAnswer,
      store,
      options,
    });
  } catch (error) {
    await store.close();
    throw error;
  }
}

interface Parts {
  config: GatewayConfig;
  now(): Date;
  random(): number;
  logger: Logger;
  routing: OperationPorts["routing"];
  signingKeys: Awaited<ReturnType<typeof loadSignKey>>[];
  archived: VerifyKey[];
  partnerKeys: ReadonlyMap<string, KnownKey<PartnerConfig>>;
  checkAnswer: OperationPorts["checkAnswer"];
  store: Store;
  options: Pick<GatewayOptions, "limits" | "isolation" | "maxDeadlineMs">;
}

async function listening(parts: Parts): Promise<RunningGateway> {
  const { config, now, random, logger, routing, signingKeys, options } = parts;
  const [key] = signingKeys;
  if (key === undefined) throw new Error("no signing key");
  const metrics = createMetrics();
  const outbound = createOutbound({
    observe: metrics.vendorCall,
    onBreaker: metrics.breaker,
    now,
    random,
    isolation: options.isolation,
  });
  const { publicOrigin } = config;
  const alarm: OperationPorts["alarm"] = (what, detail) => {
    metrics.alarm(what);
    logger.error({ ...detail, alarm: what }, "alarm");
  };
  const webhooks = createWebhooks({
    store: parts.store,
    key,
    now,
    random,
    checkAnswer: parts.checkAnswer,
    alarm,
    logger,
    sandbox: config.profile === "sandbox",
    limits: config.webhooks,
    onAttempt: ({ outcome }) => metrics.webhookAttempt(outcome),
  });
  const { store } = webhooks;
  metrics.webhookBacklog(() => store.backlog(now().getTime()), now);
  const ports: OperationPorts = {
    store,
    routing,
    outbound,
    publicOrigin,
    now,
    random,
    maxDeadlineMs: options.maxDeadlineMs,
    recovery: config.recovery,
    checkAnswer: parts.checkAnswer,
    alarm,
  };
  let draining = false;
  const evidence = await startRecorder({
    store,
    key,
    now,
    alarm: ports.alarm,
    onCheckpoint: (head) => logger.info(head, "evidence checkpoint"),
  });
  const probe = probes(evidence.watch(store), () => draining);
  const responder = { key, publicOrigin, now, evidence };
  const app = await publicApp({
    sandbox: config.profile === "sandbox",
    logger,
    observe: metrics.inbound,
    partners: config.partners,
    operations: createOperations(ports),
    local: localAnswers({ routing, published: [...signingKeys, ...parts.archived], webhooks: webhooks.answers }),
    responder,
    callbacks: callbackRoute(ports, logger, metrics.callback),
    draining: () => draining,
    probes: probe,
    verify: {
      publicOrigin,
      now,
      resolveKey: (keyid) => parts.partnerKeys.get(keyid),
      nonces: createNonceWindow({ nowMs: () => now().getTime() }),
      tooManyRefusals: refusalCounter(),
    },
  });
  const server = boundedServer(app, responder, options.limits);
  const admin = boundedServer(
    adminApp({ registry: metrics.registry, probes: probe, outbound, recovery: recoveryRoutes(store, operator(ports)) }),
    responder,
  );
  const adminOrigin = await listen(admin, config.admin.host, config.admin.port);
  let origin: string;
  try {
    origin = await listen(server, config.listen.host, config.listen.port);
  } catch (error) {
    await closeGracefully(admin, 0);
    throw error;
  }
  const upkeep = startUpkeep(store, config.retention, now, logger);
  const recovery = startRecovery(ports);
  webhooks.start();
  evidence.run();
  return {
    origin,
    adminOrigin,
    async drain() {
      draining = true;
      await closeGracefully(server, drainGraceMs);
      await recovery.stop();
      await webhooks.stop();
      await upkeep.stop();
      await outbound.close();
      await closeGracefully(admin, 0);
      await evidence.drain();
      await store.close();
    },
  };
}

async function loadPartnerKeys(partners: readonly PartnerConfig[]): Promise<Map<string, KnownKey<PartnerConfig>>> {
  const known = new Map<string, KnownKey<PartnerConfig>>();
  for (const partner of partners) {
    for (const [keyid, key] of await loadKeySet(partner.jwks)) {
      const other = known.get(keyid)?.partner;
      if (other !== undefined && other.id !== partner.id)
        throw new Error(`partners ${other.id} and ${partner.id} share a key`);
      known.set(keyid, { partner, key });
    }
  }
  return known;
}
