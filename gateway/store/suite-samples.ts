import type { Answer, BeginInput, CompleteInput, NewResource } from "./store.ts";

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
