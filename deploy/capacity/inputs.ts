/** What the arithmetic begins with: the aim, what is assumed, and what the code bounds. Names end in their unit. */
import { claimLifetimeMs } from "../../gateway/operations/begin.ts";
import { outboundLimits } from "../../gateway/outbound/limits.ts";
import { nonceLifetimeSeconds } from "../../gateway/signature/limits.ts";
import { maxPruneSliceRows, maxPruneSlices } from "../../gateway/store/limits.ts";
import { postgresLimits } from "../../gateway/store/pg-limits.ts";
import { relayLimits } from "../../gateway/webhooks/limits.ts";

/** An effect's units of one kind in one statement. */
interface Batch {
  units: number;
  ms: number;
}

interface TableCosts {
  inserted: number;
  updated: number;
  deleted: number;
  heapBytes: number;
  indexBytes: number;
  indexes: Record<string, number>;
}

/** deploy/capacity-store.json, each number for one effect or read. */
export interface StoreCosts {
  server: string;
  concurrency: number;
  partners: number;
  effect: WorkloadCosts;
  effectFinalAtOnce: WorkloadCosts;
  read: WorkloadCosts;
}

export interface WorkloadCosts {
  units: number;
  walBytes: number;
  walRecords: number;
  walFullPages: number;
  commits: number;
  statements: number;
  batched: Record<string, Batch>;
  tables: Record<string, TableCosts>;
}

/** contracts/bench/results.json, as far as it matters here: CPU time of the gateway's process for one request. */
export interface BenchResults {
  read: { cpuMs: number };
  effect: { cpuMs: number };
}

export const aim = { effectsPerSecond: 10_000 };

/** Nothing of this is measured; another business has other numbers. */
export const assumed = {
  readsPerEffect: 1,
  /** Mean over a day, as a share of the aim. */
  meanShare: 0.3,
  vendorSeconds: 0.3,
  webhookSeconds: 0.1,
  /** Busy share of a core at the aim; the chart's targetCpuPercent. */
  cpuShare: 0.65,
  checkpointSeconds: 900,
  /** What wal_compression = zstd leaves of a full page. */
  fullPageShare: 0.4,
  /** What one PostgreSQL server writes and sends to a synchronous replica without falling behind. */
  serverWalBytesPerSecond: 150e6,
  serverMemoryBytes: 256 * 1024 ** 3,
  serverDiskBytes: 16e12,
  /** Of memory, for the pages of indexes. */
  indexCacheShare: 0.6,
  /** Resources and events in the database; older ones are in an archive that does not exist yet. */
  hotDays: 90,
};

const minute = 60;

export const bounds = {
  connectionsPerProcess: postgresLimits.maxConnections,
  inFlightPerVendorGroup: outboundLimits.maxInFlightPerGroup,
  webhooksInFlight: relayLimits.maxInFlight,
  webhooksInFlightPerHost: relayLimits.maxInFlightPerHost,
  /** gateway/telemetry/upkeep.ts prunes once a minute. */
  prunedRowsPerSecond: (maxPruneSliceRows * maxPruneSlices) / minute,
  claimDays: claimLifetimeMs / 86_400_000,
  nonceDays: nonceLifetimeSeconds / 86_400,
  resourceDays: 1_825,
  eventDays: 90,
};

/** How long a row of each table is kept: gateway/config/schema.ts (`retention`) and the lifetimes above. Evidence: for ever. */
export const keptDays: Readonly<Record<string, number>> = {
  nonces: bounds.nonceDays,
  claims: bounds.claimDays,
  asks: 0,
  resources: bounds.resourceDays,
  handles: bounds.resourceDays,
  transitions: bounds.resourceDays,
  events: bounds.eventDays,
  deliveries: bounds.eventDays,
  attempts: bounds.eventDays,
  audit: Number.POSITIVE_INFINITY,
};

/** Indexes whose entries come in no order, since ids, keys and digests are random: each insert hits a page of its own. */
export const scattered: readonly string[] = [
  "nonces_pkey",
  "claims_pkey",
  "claims_resource",
  "resources_pkey",
  "resources_reference",
  "handles_pkey",
  "handles_resource",
  "transitions_pkey",
  "events_pkey",
  "events_version",
  "deliveries_pkey",
  "deliveries_event",
  "attempts_pkey",
  "audit_request",
];
