import type { Answer, BeginInput, CompleteInput, NewResource, Store } from "./store.ts";
import type { DueDelivery, NewEndpoint, NewEvent } from "./store-webhooks.ts";

/** The clock of the samples: a fixed moment. */
export const nowMs = 1_795_000_000_000;
export const leaseMs = 30_000;
export const claimMs = 24 * 60 * 60 * 1_000;

const operationId = "payments.create";

/** The intent of payment `name`. */
export function payment(name: string, change: Partial<NewResource> = {}): NewResource {
  return {
    id: `pay_${name}`,
    kind: "payments",
    partner: "acme",
    adapter: "bank",
    operationId,
    reference: `ref-${name}`,
    status: "pending",
    body: { amount: { amount: "12.34", currency: "CNY" }, payer: "王小明" },
    createdAtMs: nowMs,
    ...change,
  };
}

/** A partner's call with key `name`, without a resource. */
export function call(name: string, change: Partial<BeginInput> = {}): BeginInput {
  return {
    partner: "acme",
    key: `key-${name}`,
    operationId,
    fingerprint: "5e".repeat(32),
    nowMs,
    claimExpiresAtMs: nowMs + claimMs,
    leaseUntilMs: nowMs + leaseMs,
    ...change,
  };
}

/** A partner's call that creates payment `name`. */
export function creation(name: string, change: Partial<BeginInput> = {}): BeginInput {
  return call(name, { resource: payment(name), ...change });
}

export const answer: Answer = {
  status: 201,
  contentType: "application/json",
  headers: { location: "/v1/payments/pay_a", "idempotency-key": "key-a" },
  body: new TextEncoder().encode('{"id":"pay_a","payer":"王小明"}'),
};

/** The vendor's yes to payment `name`, and what was answered. */
export function completion(name: string, change: Partial<CompleteInput> = {}): CompleteInput {
  return {
    partner: "acme",
    key: `key-${name}`,
    operationId,
    nowMs: nowMs + 200,
    answer,
    resource: {
      id: `pay_${name}`,
      status: "succeeded",
      body: { amount: { amount: "12.34", currency: "CNY" }, paid: true },
      state: { vendorNo: `v-${name}` },
      handles: [`handle-${name}`],
      cause: "answer",
    },
    ...change,
  };
}

/** The callback that moves payment `name` on from a version. */
export function callback(name: string, expectedVersion: number, status = "settled") {
  return { id: `pay_${name}`, expectedVersion, status, body: { told: status }, cause: "callback", nowMs: nowMs + 100 };
}

/** The event of payment `name` at a version. */
export function eventOf(name: string, version: number, change: Partial<NewEvent> = {}): NewEvent {
  return { id: `evt_${name}-${version}`, type: "payment.updated", data: { id: `pay_${name}`, version }, ...change };
}

export function endpointOf(name: string, change: Partial<NewEndpoint> = {}): NewEndpoint {
  return {
    id: `whe_${name}`,
    partner: "acme",
    url: `https://${name}.example/hooks?token=t`,
    types: ["*"],
    secrets: [],
    createdAtMs: nowMs,
    ...change,
  };
}

/** Payment `name`, begun, and moved once for each version from 2 on, each with its event. */
export async function tell(store: Store, name: string, upTo = 2): Promise<void> {
  await store.begin(creation(name));
  for (let version = 2; version <= upTo; version += 1) await tellMore(store, name, version);
}

/** Payment `name` moved to a version, with its event. */
export async function tellMore(store: Store, name: string, version: number): Promise<void> {
  await store.advance({ ...callback(name, version - 1, `step-${version}`), event: eventOf(name, version) });
}

/** What is due at a time, leased for leaseMs. */
export function lease(store: Store, atMs = nowMs + 1_000, limit = 100, exceptEndpoints: string[] = []) {
  return store.dueDeliveries({ nowMs: atMs, leaseUntilMs: atMs + leaseMs, limit, exceptEndpoints });
}

/** An attempt's end, a second after the lease began. */
export function settlement({ delivery, leaseUntilMs }: DueDelivery, status = 200) {
  const atMs = leaseUntilMs - leaseMs + 1_000;
  return { id: delivery.id, leaseUntilMs, nowMs: atMs, attempt: { atMs, durationMs: 80, status } };
}
