import { resources } from "#specs";
import type { ResourceName } from "#specs";

/** When a vendor is asked again about what is not final. Units in the names. */
export interface RecoveryLimits {
  /** First ask about an outcome that nobody knows. */
  unknownFirstAskMs: number;
  /** First ask about what a vendor or a customer is still working on: a callback usually comes before. */
  waitingFirstAskMs: number;
  maxAskEveryMs: number;
  /** After so many asks an unknown outcome is an operator's matter. It is still asked about, at the longest interval. */
  maxAsksUntilStuck: number;
  /** How long one process has an ask to itself. More than any deadline of a `get`. */
  leaseMs: number;
}

/** Statuses in which an effect may have happened without anybody knowing. */
const unsettled = new Set(["unknown", "processing"]);

/**
 * The time of the next ask about a resource, in epoch milliseconds; undefined where there is nothing to ask (final or
 * resting). Doubles with each ask, ±20 % so that what broke together is not asked about together.
 */
export function nextAskAtMs(
  kind: string,
  status: string,
  asks: number,
  nowMs: number,
  random: () => number,
  limits: RecoveryLimits,
): number | undefined {
  const resource = resources[kind as ResourceName];
  const exits = resource.states[status];
  if (exits === undefined || exits.length === 0 || resource.resting.includes(status)) return undefined;
  const firstMs = unsettled.has(status) ? limits.unknownFirstAskMs : limits.waitingFirstAskMs;
  const everyMs = Math.min(limits.maxAskEveryMs, firstMs * 2 ** Math.min(asks, 30));
  return Math.round(nowMs + everyMs * (0.8 + 0.4 * random()));
}

/** The first ask after a step: `nextAskAtMs` as the field of a store input, absent where there is nothing to ask. */
export function firstAsk(
  ports: { now(): Date; random(): number; recovery: RecoveryLimits },
  kind: string,
  status: string,
): { askAtMs?: number } {
  const askAtMs = nextAskAtMs(kind, status, 0, ports.now().getTime(), ports.random, ports.recovery);
  return askAtMs === undefined ? {} : { askAtMs };
}

/** Whether an operator has to look: asked often enough, and an effect may have happened. */
export function isStuck(status: string, asks: number, limits: RecoveryLimits): boolean {
  return unsettled.has(status) && asks >= limits.maxAsksUntilStuck;
}
