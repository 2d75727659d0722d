/**
 * Delivers events: leases what is due, signs each attempt afresh, sends it, records what came of it. Any number of relays
 * may work on one store. An attempt whose end is not recorded (a crash, a store that is away) is made again when its
 * lease has run out: at least once, always under the same `webhook-id`.
 */
import { performance } from "node:perf_hooks";
import type { SignKey } from "#signature";
import type { DueDelivery, WebhookStore } from "#store";
import { Hosts } from "./hosts.ts";
import type { Flight } from "./hosts.ts";
import { maxSettleTries, relayLimits } from "./limits.ts";
import type { RelayLimits } from "./limits.ts";
import { errorOf, verdictOf } from "./retry.ts";
import type { Verdict } from "./retry.ts";
import type { SendResult, WebhookSender } from "./send.ts";
import { attemptHeaders, eventBody } from "./sign.ts";
import { watchStandstill } from "./standstill.ts";

/** One attempt as it went, for metrics, the log and the audit. Carries no URL and nothing of the event's data. */
export interface AttemptReport {
  eventId: string;
  endpointId: string;
  partner: string;
  type: string;
  number: number;
  atMs: number;
  durationMs: number;
  outcome: Verdict["outcome"];
  status?: number;
  error?: string;
  /** What was signed, for evidence: header fields of the profile. */
  signed: Record<string, string>;
}

export interface RelayPorts {
  store: Pick<WebhookStore, "dueDeliveries" | "settleDelivery">;
  sender: WebhookSender;
  /** The gateway's key: the first of those that are published. */
  key: SignKey;
  now(): Date;
  /** In [0, 1), for jitter. */
  random(): number;
  /** Told of each attempt after it was recorded. */
  onAttempt(report: AttemptReport): void;
  /** Told when the store did not do its part; it is tried again. */
  onFault(what: string, error: unknown): void;
}

export interface Relay {
  /** An event was committed in this process, or a delivery made due. */
  nudge(): void;
  /** Leases nothing more, and resolves when the attempts under way are recorded. */
  stop(): Promise<void>;
}

/** Starts delivering. */
export function startRelay(ports: RelayPorts, overrides: Partial<RelayLimits> = {}): Relay {
  const limits: RelayLimits = { ...relayLimits, ...overrides };
  const hosts = new Hosts(limits);
  const standstill = watchStandstill(limits.standstillTickMs);
  const underWay = new Set<Promise<void>>();
  const nowMs = (): number => ports.now().getTime();
  const stopping = new AbortController();
  let nudged = false;
  let wake = (): void => {};

  const nudge = (): void => {
    nudged = true;
    wake();
  };

  /** Leases one batch; returns how many there were. */
  async function lease(): Promise<number> {
    const limit = Math.min(limits.leaseBatch, hosts.room);
    if (limit === 0) return 0;
    const at = nowMs();
    const leaseUntilMs = at + limits.leaseMs;
    const exceptEndpoints = hosts.saturated();
    const due = await ports.store.dueDeliveries({ nowMs: at, leaseUntilMs, limit, exceptEndpoints });
    for (const each of due) hosts.hold(each);
    return due.length;
  }

  function dispatch(): void {
    const usable = (due: DueDelivery): boolean => due.leaseUntilMs - nowMs() > limits.attemptDeadlineMs;
    for (let flight = hosts.next(usable); flight !== undefined; flight = hosts.next(usable)) {
      const attempt = carryOut(flight).finally(() => {
        underWay.delete(attempt);
        nudge();
      });
      underWay.add(attempt);
    }
  }

  async function carryOut({ due, done }: Flight): Promise<void> {
    let result: SendResult = {};
    let waitedMs = 0;
    try {
      const { delivery, event, endpoint } = due;
      const atMs = nowMs();
      const body = eventBody(event);
      const { url, secrets } = endpoint;
      const signed = attemptHeaders({ url, body, eventId: event.id, secrets, key: ports.key, nowMs: atMs });
      const startedMs = performance.now();
      const stoodMs = standstill.totalMs();
      result = await ports.sender.send(url, signed, body);
      const durationMs = Math.round(performance.now() - startedMs);
      // While this process stood still the host may have answered long ago: it is judged by the rest.
      waitedMs = durationMs - (standstill.totalMs() - stoodMs);
      const number = delivery.attempts + 1;
      const verdict = verdictOf(result, number, nowMs(), {
        retryDelaysMs: limits.retryDelaysMs,
        random: ports.random(),
      });
      const error = errorOf(result);
      const facts = {
        ...(result.status === undefined ? {} : { status: result.status }),
        ...(error === undefined ? {} : { error }),
      };
      await settle(due, { atMs, durationMs, ...facts }, verdict);
      ports.onAttempt({
        eventId: event.id,
        endpointId: endpoint.id,
        partner: event.partner,
        type: event.type,
        number,
        atMs,
        durationMs,
        outcome: verdict.outcome,
        signed,
        ...facts,
      });
    } catch (error) {
      ports.onFault("an attempt was not recorded; it is made again when its lease has run out", error);
    } finally {
      done(waitedMs, result.status !== undefined);
    }
  }

  async function settle(
    { delivery, leaseUntilMs }: DueDelivery,
    attempt: { atMs: number; durationMs: number; status?: number; error?: string },
    verdict: Verdict,
  ): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      try {
        await ports.store.settleDelivery({ id: delivery.id, leaseUntilMs, attempt, nowMs: nowMs(), ...verdict });
        return;
      } catch (error) {
        if (tries === maxSettleTries) throw error;
      }
    }
  }

  function sleep(ms: number): Promise<void> {
    if (nudged || stopping.signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      nudged = false;
      try {
        const taken = await lease();
        if (stopping.signal.aborted) break;
        dispatch();
        if (taken === 0) await sleep(limits.pollEveryMs);
      } catch (error) {
        ports.onFault("deliveries could not be leased; it is tried again", error);
        nudged = false;
        await sleep(limits.pauseAfterFaultMs);
      }
    }
  }

  const running = run();
  return {
    nudge,
    async stop() {
      stopping.abort();
      hosts.clear();
      wake();
      await running;
      hosts.clear();
      await Promise.all(underWay);
      standstill.stop();
    },
  };
}
