/** Every bound of what is sent to partners. Names end in their unit. */
import { webhookDefaults } from "../config/defaults.ts";

const secondMs = 1_000;
const hourMs = 3_600_000;

export const retryJitter = 0.2;
/** An endpoint may ask for a longer pause, up to here. */
export const maxRetryAfterMs = 24 * hourMs;

export interface RelayLimits {
  /** Attempts under way in this process, over all hosts and to one that answers promptly. */
  maxInFlight: number;
  maxInFlightPerHost: number;
  /** To a host that was slow or silent at the last attempt one at a time, and to all such hosts together so many. */
  maxInFlightSlow: number;
  /** The same for hosts that this process has not spoken to yet. */
  maxInFlightNew: number;
  /** By the time in which this process did not stand still, which is watched for so often. */
  slowAfterMs: number;
  standstillTickMs: number;
  /** Deliveries leased at once, and held in all while they wait for their host. */
  leaseBatch: number;
  maxLeased: number;
  leaseMs: number;
  /** From the resolution of the name to the end of the answer. */
  attemptDeadlineMs: number;
  retryDelaysMs: readonly number[];
  /** How often the store is asked when nothing else wakes the relay; and after it has failed. */
  pollEveryMs: number;
  pauseAfterFaultMs: number;
}

export const relayLimits: RelayLimits = {
  maxInFlight: 64,
  maxInFlightPerHost: 4,
  maxInFlightSlow: 16,
  maxInFlightNew: 16,
  slowAfterMs: 3 * secondMs,
  standstillTickMs: 20,
  leaseBatch: 16,
  maxLeased: 256,
  ...webhookDefaults,
  pollEveryMs: secondMs,
  pauseAfterFaultMs: 5 * secondMs,
};

/** Tries to record an attempt before the lease is left to run out. */
export const maxSettleTries = 3;

/** An answer's body is read up to here and thrown away; then the connection is closed. */
export const maxAnswerBytes = 64 * 1024;
export const maxAnswerHeaderBytes = 16 * 1024;
export const connectTimeoutMs = 5 * secondMs;
export const keepAliveTimeoutMs = 10 * secondMs;

/** Names are asked for with this patience, so often, and give at most so many addresses. */
export const dnsTimeoutMs = 2 * secondMs;
export const dnsTries = 2;
/** Whatever the resolver's own patience comes to, with all its servers. */
export const dnsDeadlineMs = 5 * secondMs;
export const maxAddresses = 32;

export const maxUrlChars = 2_048;
export const maxEndpointsPerPartner = 16;
/** After a rotation the secret before signs along for so long; of those, the latest few. */
export const secretOverlapMs = 24 * hourMs;
export const maxSecrets = 4;
/** Attempts of one delivery that `events.get` shows. */
export const maxAttemptsShown = 100;
export const maxDeliveriesShown = 100;
