import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import type { BreakerState, VendorCallMeasure } from "#outbound";
import type { InboundMeasure } from "../inbound/log.ts";

const secondsBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const breakerValues: Record<BreakerState, number> = { closed: 0, half_open: 1, open: 2 };

export interface Metrics {
  inbound(measure: InboundMeasure): void;
  vendorCall(measure: VendorCallMeasure): void;
  breaker(adapter: string, group: string, state: BreakerState): void;
  callback(adapter: string, result: string): void;
  alarm(what: string): void;
  /** A call was refused because too many came. */
  shed(): void;
  webhookAttempt(outcome: string): void;
  /** Whether the limits shared through `at` are away now. */
  sharedLimits(at: string, away: boolean): void;
  countedAlone(at: string, what: string): void;
  /** Says how the backlog of webhooks is read, which happens whenever the metrics are. */
  webhookBacklog(read: () => Promise<{ pending: number; oldestDueAtMs?: number }>, now: () => Date): void;
  registry: Registry;
}

/**
 * Prometheus metrics. An `aggregator` says how those of several workers become one; without, they are added up. Every label comes
 * from the contract, a manifest or a vendor's spec, so their number is bounded; nothing of a request's content is one.
 */
export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const on = { registers: [registry] };
  const inbound = new Histogram({
    ...on,
    name: "qiao_request_duration_seconds",
    help: "Partner calls, from the first byte to the last, by operation and status.",
    labelNames: ["operation", "status"],
    buckets: secondsBuckets,
  });
  const outcomes = new Counter({
    ...on,
    name: "qiao_request_outcomes_total",
    help: "Partner calls by operation and what became of them: an outcome class, or the problem's code.",
    labelNames: ["operation", "outcome"],
  });
  const vendor = new Histogram({
    ...on,
    name: "qiao_vendor_call_duration_seconds",
    help: "Vendor calls with their retries, by adapter, vendor operation and outcome class.",
    labelNames: ["adapter", "operation", "outcome"],
    buckets: secondsBuckets,
  });
  const breaker = new Gauge({
    ...on,
    name: "qiao_breaker_state",
    help: "Circuit breaker by adapter and operation group: 0 closed, 1 half open, 2 open.",
    labelNames: ["adapter", "group"],
    aggregator: "max",
  });
  const callbacks = new Counter({
    ...on,
    name: "qiao_callbacks_total",
    help: "Callbacks from vendors by adapter and result.",
    labelNames: ["adapter", "result"],
  });
  const alarms = new Counter({
    ...on,
    name: "qiao_alarms_total",
    help: "What must not happen, by kind; each has a log line.",
    labelNames: ["what"],
  });
  const shed = new Counter({
    ...on,
    name: "qiao_shed_total",
    help: "Partner calls that were refused unread, because more came than could be done.",
  });
  const attempts = new Counter({
    ...on,
    name: "qiao_webhook_attempts_total",
    help: "Attempts to deliver an event by outcome: delivered, retry, given_up, gone.",
    labelNames: ["outcome"],
  });
  const away = new Gauge({
    ...on,
    name: "qiao_shared_limits_away",
    help: "1 while rate limits and nonces are not shared, because redis or the workers' primary does not answer.",
    labelNames: ["at"],
    aggregator: "max",
  });
  const alone = new Counter({
    ...on,
    name: "qiao_counted_alone_total",
    help: "What one process counted by itself though it is to be shared: quota (a rate limit) or nonce.",
    labelNames: ["at", "what"],
  });
  return {
    sharedLimits: (at, isAway) => away.set({ at }, isAway ? 1 : 0),
    countedAlone: (at, what) => alone.inc({ at, what }),
    inbound({ operation, status, durationMs, outcome }) {
      inbound.observe({ operation, status: String(status) }, durationMs / 1_000);
      outcomes.inc({ operation, outcome });
    },
    vendorCall({ adapter, vendorOperation, outcome, durationMs }) {
      vendor.observe({ adapter, operation: vendorOperation, outcome }, durationMs / 1_000);
    },
    breaker: (adapter, group, state) => breaker.set({ adapter, group }, breakerValues[state]),
    callback: (adapter, result) => callbacks.inc({ adapter, result }),
    alarm: (what) => alarms.inc({ what }),
    shed: () => shed.inc(),
    webhookAttempt: (outcome) => attempts.inc({ outcome }),
    webhookBacklog(read, now) {
      const late = new Gauge({
        ...on,
        name: "qiao_webhook_oldest_due_seconds",
        help: "How long the oldest due webhook has been waiting.",
        aggregator: "max",
      });
      const pending = new Gauge({
        ...on,
        name: "qiao_webhook_backlog",
        help: "Webhooks that are not delivered yet.",
        aggregator: "max",
        async collect() {
          // A store that is away must not take the other metrics with it: the last figures stay.
          const backlog = await read().catch(() => undefined);
          if (backlog === undefined) return;
          pending.set(backlog.pending);
          late.set(backlog.oldestDueAtMs === undefined ? 0 : (now().getTime() - backlog.oldestDueAtMs) / 1_000);
        },
      });
    },
    registry,
  };
}
