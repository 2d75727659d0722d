import { describe, expect, it } from "vitest";
import { judge } from "./index.ts";
import type { CallSeen, Observed, ResourceSeen, WebhookSeen } from "./index.ts";

const id = "ins_0123456789abcdefghijkl";

const created: CallSeen = {
  partner: "a",
  operationId: "instalments.create",
  key: "k",
  memo: "m",
  startedMs: 0,
  endedMs: 10,
  status: 201,
  resource: { id, status: "awaiting_payment", amount: "10.00" },
};
const read: CallSeen = {
  partner: "a",
  operationId: "instalments.get",
  memo: "",
  target: { id, owner: "a" },
  startedMs: 20,
  endedMs: 30,
  status: 200,
  resource: { id, status: "paid", amount: "10.00" },
};
const paid: ResourceSeen = {
  id,
  kind: "instalments",
  partner: "a",
  memo: "m",
  status: "paid",
  amountFen: 1_000n,
  readStatus: "paid",
  transitions: [
    { version: 1, to: "unknown", cause: "created" },
    { version: 2, from: "unknown", to: "awaiting_payment", cause: "answer" },
    { version: 3, from: "awaiting_payment", to: "paid", cause: "callback" },
  ],
};
const told: WebhookSeen = {
  partner: "a",
  webhookId: "evt_1",
  type: "instalment.paid",
  resourceId: id,
  body: "{}",
  atMs: 15,
  accepted: true,
  verified: true,
};
const effect = {
  vendor: "v",
  kind: "order" as const,
  no: "1",
  memo: "m",
  amountFen: 1_000n,
  state: "paid" as const,
  atMs: 5,
};

/** A run in which every promise was kept. */
const good: Observed = {
  calls: [created, read],
  webhooks: [told],
  resources: [paid],
  ledger: [effect],
  told: new Set(["a", "b"]),
};

const named = (observed: Observed): string[] =>
  [...new Set(judge(observed).map(({ invariant }) => invariant))].toSorted();

describe("the judge", () => {
  it("has nothing to say of a run in which every promise was kept", () => {
    expect(judge(good)).toEqual([]);
  });

  it.each<[string, string, Partial<Observed>]>([
    [
      "I-1",
      "a second effect of the key, whatever the gateway knows of it",
      { ledger: [effect, { ...effect, no: "2", state: "closed" }] },
    ],
    ["I-1", "an effect that nobody asked for", { ledger: [effect, { ...effect, memo: "x", state: "closed" }] }],
    ["I-2", "a success that the vendor has not", { ledger: [{ ...effect, state: "waiting" }] }],
    [
      "I-3",
      "a definite no that took effect",
      {
        calls: [created, read, { ...created, status: 422, problem: { code: "vendor_rejected", retry: "never" } }],
      },
    ],
    ["I-4", "an outcome that never became known", { resources: [{ ...paid, status: "unknown" }] }],
    [
      "I-4",
      "a fault that became one of the gateway's own",
      {
        calls: [created, read, { ...read, status: 500, problem: { code: "internal_error", retry: "later" } }],
      },
    ],
    [
      "I-5",
      "a step back in the history",
      {
        resources: [
          {
            ...paid,
            transitions: [...paid.transitions, { version: 4, from: "paid", to: "awaiting_payment", cause: "asked" }],
          },
        ],
      },
    ],
    [
      "I-5",
      "a step back between two readings",
      {
        calls: [
          created,
          read,
          { ...read, startedMs: 40, endedMs: 50, resource: { id, status: "awaiting_payment", amount: "10.00" } },
        ],
      },
    ],
    ["I-6", "a final state that its partner was never told of", { webhooks: [{ ...told, accepted: false }] }],
    ["I-6", "one state under two ids", { webhooks: [told, { ...told, webhookId: "evt_2" }] }],
    ["I-6", "a body that changed between attempts", { webhooks: [told, { ...told, body: "{ }" }] }],
    ["I-6", "a state that never was", { webhooks: [told, { ...told, webhookId: "evt_2", type: "instalment.closed" }] }],
    ["I-7", "a webhook that does not verify", { webhooks: [{ ...told, verified: false }] }],
    ["I-8", "another partner's reading", { calls: [created, read, { ...read, partner: "b" }] }],
    ["I-8", "another partner's webhook", { webhooks: [told, { ...told, partner: "b" }] }],
    ["I-9", "a sum that is not the vendor's", { resources: [{ ...paid, amountFen: 999n }] }],
    [
      "liveness",
      "a wish that was never answered",
      {
        calls: [created, read, { partner: "a", operationId: "instalments.cancel", key: "k2", memo: "", startedMs: 60 }],
      },
    ],
  ])("%s: sees %s", (invariant, _what, change) => {
    expect(named({ ...good, ...change })).toContain(invariant);
  });
});
