import type { Server } from "node:http";
import type { Logger } from "pino";
import { ed25519, loadKeySet, loadSignKey } from "#signature";
import type { KnownKey, VerifyKey } from "#signature";
import { createOutbound } from "#outbound";
import type { IsolationLimits } from "#outbound";
import { openStore } from "#store";
import type { ChainHead } from "#store";
import { adminApp, probes } from "./admin/index.ts";
import { callbackRoute } from "./callbacks/route.ts";
import { parseConfig } from "./config/index.ts";
import type { GatewayConfig, GatewayConfigInput, PartnerConfig } from "./config/index.ts";
import {
  boundedServer,
  closeGracefully,
  createAdmission,
  listen,
  loadPartnerKeys,
  localAnswers,
  publicApp,
  quotasOf,
  refusalCounter,
  shed,
} from "./inbound/index.ts";
import type { OverloadLimits, ServerLimits } from "./inbound/index.ts";
import { startRecorder } from "./evidence/index.ts";
import { answerChecks } from "./operations/contract.ts";
import { createOperations } from "./operations/index.ts";
import type { OperationPorts } from "./operations/index.ts";
import { operator, recoveryRoutes, startRecovery } from "./recovery/index.ts";
import { createRouting, discoverAdapters } from "./routing/index.ts";
import { openCounts } from "./shared/index.ts";
import type { FarCounts } from "./shared/index.ts";
import { beginWhenThere, lateRecorder, lateStore } from "./start/index.ts";
import { createLogger } from "./telemetry/logger.ts";
import { createMetrics } from "./telemetry/metrics.ts";
import { startUpkeep } from "./telemetry/upkeep.ts";
import { createWebhooks } from "./webhooks/index.ts";

export { adapterFolders } from "./routing/index.ts";
export { ConfigError, readConfig } from "./config/index.ts";
export type { GatewayConfig, GatewayConfigInput } from "./config/index.ts";
export { AddressTaken, neverOverloaded } from "./inbound/index.ts";

/** How long requests in progress may take after the first signal to stop. */
const drainGraceMs = 25_000;

export interface RunningGateway {
  origin: string;
  adminOrigin: string;
  /**
   * Resolves when the store is in use, which it usually is at the start. A gateway whose PostgreSQL does not answer then
   * runs without: not ready, and refusing what needs it. Rejects when the database answers and refuses (`ConfigError`).
   */
  ready: Promise<void>;
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
  /** When calls are refused because too many come, likewise. */
  overload?: Partial<OverloadLimits>;
  /** Ends every operation sooner than the contract's deadline would. */
  maxDeadlineMs?: number;
  /** Of one worker among several: where they count together, and who serves its admin app instead of a port. */
  primary?: { counts: FarCounts; serveAdmin(server: Server): void };
}

/** Builds the whole gateway from its configuration and listens. Whatever is wrong stops it here, with nothing left open. */
export async function startGateway(
  input: GatewayConfigInput | GatewayConfig,
  options: GatewayOptions = {},
): Promise<RunningGateway> {
  const config = parseConfig(input);
  const { now = () => new Date(), random = Math.random, logger = createLogger(config.logLevel) } = options;
  if (ed25519.by !== "libsodium") logger.warn("libsodium is not here: signatures and sealing take twice the CPU");
  const adapters = await discoverAdapters(config);
  const routing = createRouting(config, adapters, random);
  const signingKeys = await Promise.all(config.signing.keys.map((jwk) => loadSignKey(jwk)));
  const archived =
    config.signing.archived.length === 0 ? [] : [...(await loadKeySet({ keys: config.signing.archived })).values()];
  const partnerKeys = await loadPartnerKeys(config.partners);
  const checkAnswer = answerChecks();
  await using undo = new AsyncDisposableStack();
  const parts = {
    config,
    now,
    logger,
    random,
    routing,
    signingKeys,
    archived,
    partnerKeys,
    checkAnswer,
    undo,
    options,
  };
  const gateway = await listening(parts);
  undo.move();
  return gateway;
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
  /** What a start that fails half-way lets go of. */
  undo: AsyncDisposableStack;
  options: Pick<GatewayOptions, "limits" | "isolation" | "maxDeadlineMs" | "primary" | "overload">;
}

async function listening(parts: Parts): Promise<RunningGateway> {
  const { config, now, random, logger, routing, signingKeys, undo, options } = parts;
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
  undo.defer(() => outbound.close());
  const { publicOrigin } = config;
  const alarm: OperationPorts["alarm"] = (what, detail) => {
    metrics.alarm(what);
    logger.error({ ...detail, alarm: what }, "alarm");
  };
  const late = lateStore();
  undo.defer(() => late.store.close());
  const webhooks = createWebhooks({
    store: late.store,
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
  const evidence = lateRecorder((entries) => alarm("evidence_unrecorded", { entries }));
  const stopping = new AbortController();
  const onCheckpoint = (head: ChainHead): void => logger.info(head, "evidence checkpoint");
  const begin = async (): Promise<void> => {
    if (!late.isOpen()) late.open(await openStore(config.store));
    if (!evidence.isOpen()) evidence.open(await startRecorder({ store, key, now, alarm, onCheckpoint }));
  };
  const away = {
    signal: stopping.signal,
    onAway: (reason: string) => alarm("store away at start", { reason, meanwhile: "not ready; it is tried again" }),
  };
  // What is wrong with a file does not pass by itself.
  const { later } = "file" in config.store ? { later: await begin() } : await beginWhenThere(begin, away);
  undo.defer(async () => {
    stopping.abort();
    await Promise.allSettled([later]);
  });
  const counts = await openCounts(
    {
      nowMs: () => now().getTime(),
      logger,
      alarm,
      onShared: metrics.sharedLimits,
      onAlone: metrics.countedAlone,
    },
    { setting: config.shared, primary: options.primary?.counts },
  );
  undo.defer(() => counts.close());
  let draining = false;
  const probe = probes(evidence.watch(store), () => draining);
  const responder = { key, publicOrigin, now, evidence };
  const admission = createAdmission(
    {
      partnerOf: (keyid) => parts.partnerKeys.get(keyid)?.partner.id,
      onChange: (shedding) =>
        logger.warn({ shedding }, shedding ? "overloaded: calls are refused" : "no longer overloaded"),
    },
    options.overload,
  );
  undo.defer(() => admission.stop());
  const app = await publicApp({
    sandbox: config.profile === "sandbox",
    logger,
    observe: metrics.inbound,
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
      counts,
      quotas: quotasOf(config.partners),
      onVerified: (partner) => admission.verified(partner),
      tooManyRefusals: refusalCounter(counts),
    },
  });
  const server = boundedServer(app, responder, options.limits, shed(admission, responder, metrics.shed));
  const admin = boundedServer(
    adminApp({ registry: metrics.registry, probes: probe, outbound, recovery: recoveryRoutes(store, operator(ports)) }),
    responder,
  );
  const { primary } = options;
  primary?.serveAdmin(admin);
  const adminOrigin = primary === undefined ? await listen(admin, config.admin.host, config.admin.port) : "";
  undo.defer(() => closeGracefully(admin, 0));
  const origin = await listen(server, config.listen.host, config.listen.port);
  let background: { stop(): Promise<void> }[] = [];
  const whenBegun = async (): Promise<void> => {
    await later;
    if (draining) return;
    background = [startRecovery(ports), startUpkeep(store, config.retention, now, logger)];
    webhooks.start();
    evidence.run();
    if (later !== undefined) logger.info("the store is in use");
  };
  const ready = whenBegun();
  ready.catch(() => undefined);
  if (later === undefined) await ready;
  return {
    origin,
    adminOrigin,
    ready,
    async drain() {
      draining = true;
      stopping.abort();
      await closeGracefully(server, drainGraceMs);
      admission.stop();
      await Promise.allSettled([ready]);
      for (const each of background) await each.stop();
      await webhooks.stop();
      await outbound.close();
      await closeGracefully(admin, 0);
      await evidence.drain();
      await counts.close();
      await store.close();
    },
  };
}
