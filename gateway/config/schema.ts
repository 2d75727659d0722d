import { z } from "zod";
import { webhookDefaults } from "./defaults.ts";

const publicJwk = z.looseObject({ kty: z.string() }).describe("A public JWK (RFC 7517).");
const privateJwk = publicJwk.describe("A private JWK (RFC 7517): Ed25519, P-256 or RSA of at least 2048 bits.");

const listen = z.strictObject({
  host: z.string().min(1).describe("Address to listen on."),
  port: z.int().min(0).max(65_535).describe("Port; 0 takes any free one."),
});

const partner = z.strictObject({
  id: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,63}$/)
    .describe("Stable id of the partner, used in logs and metrics."),
  name: z.string().min(1).max(200),
  scopes: z.array(z.string().min(1)).min(1).describe('Capabilities it may use, e.g. "instalments"; "*" for all.'),
  jwks: z
    .strictObject({ keys: z.array(publicJwk).min(1).max(8) })
    .describe("Its public keys by value; any of them is accepted, so overlap is rotation."),
  requestsPerSecond: z.int().min(1).max(100_000).default(100).describe("Calls a second, averaged over ten seconds."),
});

const route = z.strictObject({
  capability: z.string().min(1),
  partner: z
    .string()
    .optional()
    .describe("Only for this partner; a route that names it goes before one that does not."),
  adapters: z
    .array(
      z.strictObject({
        name: z.string().min(1),
        priority: z.int().min(1).default(1).describe("1 is asked first; the next only where the contract lets it."),
        weight: z.int().min(1).max(1_000).default(1).describe("Share among adapters of one priority."),
      }),
    )
    .min(1),
});

const storeKeys = z
  .array(z.strictObject({ id: z.string().min(1).max(32), key: z.string().length(43) }))
  .min(1)
  .describe("Keys for data at rest, 32 bytes base64url each; the first seals, all open, the oldest stays last.");

const storeCipher = z
  .enum(["aes-256-gcm", "chacha20-poly1305"])
  .optional()
  .describe("What seals data at rest; both are opened. Absent: ChaCha20 where libsodium is, AES where it is not.");

const shared = z.strictObject({
  url: z
    .string()
    .regex(/^rediss?:\/\//)
    .describe("Redis 6 or newer, or Valkey; `rediss:` speaks TLS."),
  prefix: z
    .string()
    .regex(/^[a-z0-9][a-z0-9:_-]{0,31}$/)
    .default("qiao")
    .describe("What its keys begin with; gateways with the same one count together."),
  timeoutMs: z
    .int()
    .min(10)
    .max(2_000)
    .default(100)
    .describe(
      "Patience with one answer; in silence for five times as long a gateway counts by itself until it is back.",
    ),
});

/** More would only wait for each other: one process accepts for all. */
export const maxWorkers = 64;

export const gatewayConfig = z
  .strictObject({
    profile: z
      .enum(["sandbox", "production"])
      .describe("production refuses loopback and sandbox hosts and has no signature check endpoint."),
    publicOrigin: z
      .url()
      .refine((value) => new URL(value).origin === value, "an origin: scheme, host and port only")
      .describe("What partners call: the origin that their signatures cover. Never taken from a request."),
    listen: listen.describe("Where partners and vendors' callbacks arrive."),
    admin: listen.describe("Metrics, probes and diagnosis; never reachable from outside."),
    adaptersDir: z.string().min(1).describe("Folder with one folder per adapter."),
    store: z
      .union([
        z.strictObject({
          file: z.string().min(1).describe("SQLite file of the embedded store, for one process."),
          keys: storeKeys,
          cipher: storeCipher,
        }),
        z.strictObject({
          url: z
            .string()
            .regex(/^postgres(ql)?:\/\//)
            .describe("PostgreSQL, for several processes; `npm run migrate` brings its schema up first."),
          keys: storeKeys,
          cipher: storeCipher,
        }),
      ])
      .describe("Where claims, resources, events and evidence are kept."),
    workers: z
      .int()
      .min(1)
      .max(maxWorkers)
      .default(1)
      .describe("Processes that serve; more than one need a PostgreSQL store. `--workers N` goes before it."),
    shared: shared.optional().describe("Where several gateways count rate limits and nonces together."),
    signing: z.strictObject({
      keys: z.array(privateJwk).min(1).describe("The first signs; all are published at /.well-known/jwks.json."),
      archived: z.array(publicJwk).default([]).describe("Public keys of the past that are still published."),
    }),
    partners: z.array(partner).min(1),
    adapters: z.record(z.string(), z.unknown()).describe("Per adapter its own configuration; only these are loaded."),
    routes: z.array(route).default([]).describe("Which adapter serves a capability; without one, all that claim it."),
    recovery: z
      .strictObject({
        unknownFirstAskMs: z.int().min(10).default(2_000).describe("First ask about an outcome that nobody knows."),
        waitingFirstAskMs: z
          .int()
          .min(10)
          .default(15_000)
          .describe("First ask about what a vendor or a customer is working on; a callback usually comes before."),
        maxAskEveryMs: z.int().min(10).default(3_600_000).describe("Longest time between two asks."),
        maxAsksUntilStuck: z.int().min(1).default(12).describe("After so many asks an operator has to look."),
        leaseMs: z
          .int()
          .min(10_000)
          .max(600_000)
          .default(60_000)
          .describe("How long one process has an ask to itself; one that dies meanwhile delays it so long."),
      })
      .prefault({})
      .describe("When vendors are asked again about what is open."),
    webhooks: z
      .strictObject({
        retryDelaysMs: z
          .array(
            z
              .int()
              .min(10)
              .max(7 * 24 * 3_600_000),
          )
          .min(1)
          .max(50)
          .default([...webhookDefaults.retryDelaysMs])
          .describe("Pauses after failed attempts; after the last one an event is given up."),
        attemptDeadlineMs: z
          .int()
          .min(100)
          .max(30_000)
          .default(webhookDefaults.attemptDeadlineMs)
          .describe("One attempt, from the resolution of the name to the end of the answer."),
        leaseMs: z
          .int()
          .min(1_000)
          .max(600_000)
          .default(webhookDefaults.leaseMs)
          .describe("How long one process has a delivery to itself; one that dies meanwhile delays it so long."),
      })
      .refine(({ leaseMs, attemptDeadlineMs }) => leaseMs >= 2 * attemptDeadlineMs, {
        path: ["leaseMs"],
        message: "must be at least twice attemptDeadlineMs",
      })
      .prefault({})
      .describe("How events are delivered to partners."),
    retention: z
      .strictObject({
        eventsDays: z.int().min(7).default(90).describe("Webhook events with their deliveries and attempts."),
        resourcesDays: z.int().min(30).default(1_825).describe("Resources in a final status, with their history."),
        quarantineDays: z.int().min(7).default(180).describe("Callbacks that moved nothing."),
      })
      .prefault({})
      .describe("How long is kept what is no longer under way. Evidence is kept for ever."),
    logLevel: z.enum(["debug", "info", "warn", "error", "silent"]).default("info"),
  })
  .superRefine((config, context) => {
    const ids = config.partners.map(({ id }) => id);
    if (new Set(ids).size !== ids.length) {
      context.addIssue({ code: "custom", path: ["partners"], message: "two partners have the same id" });
    }
    for (const [index, { partner: id }] of config.routes.entries()) {
      if (id !== undefined && !ids.includes(id)) {
        context.addIssue({ code: "custom", path: ["routes", index, "partner"], message: `no partner ${id}` });
      }
    }
    if (config.workers > 1 && "file" in config.store) {
      const message = `${config.workers} processes need PostgreSQL (store.url): the embedded store is for one`;
      context.addIssue({ code: "custom", path: ["workers"], message });
    }
    if (config.profile === "production" && !config.publicOrigin.startsWith("https://")) {
      context.addIssue({ code: "custom", path: ["publicOrigin"], message: "production needs https" });
    }
  });

export type GatewayConfig = z.output<typeof gatewayConfig>;
export type GatewayConfigInput = z.input<typeof gatewayConfig>;
export type PartnerConfig = GatewayConfig["partners"][number];
