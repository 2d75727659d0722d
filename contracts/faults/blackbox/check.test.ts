import { describe, expect, it } from "vitest";
import { check } from "./check.ts";
import { emptyHistory } from "./history.ts";
import type { Arrival, Attempt, Effect, Final, History, LedgerTrade, Read } from "./history.ts";

const order = "ins_1";
const refund = "rfd_1";

const attempt = (more: Partial<Attempt> = {}): Attempt => ({
  startMs: 0,
  endMs: 10,
  door: 0,
  verdict: "ok",
  status: 201,
  id: order,
  state: "awaiting_payment",
  replayed: false,
  text: "first",
  ...more,
});
const creation = (more: Partial<Effect> = {}): Effect => ({
  partner: "a",
  key: "order-1",
  operation: "instalments.create",
  mark: "run a 1",
  amountFen: 1_000n,
  attempts: [attempt()],
  ...more,
});
const about = { id: order, mark: "run a 1" };
const refunding = (more: Partial<Effect> = {}): Effect => ({
  ...creation({ key: "refund-1", operation: "refunds.create", mark: "", amountFen: 300n, about }),
  attempts: [attempt({ startMs: 40, endMs: 50, id: refund, state: "succeeded" })],
  ...more,
});
const cancelling = (attempts: Attempt[]): Effect => ({
  ...creation({ key: "cancel-1", operation: "instalments.cancel", mark: "", about }),
  attempts,
});
const read = (startMs: number, state?: string, more: Partial<Read> = {}): Read => ({
  partner: "a",
  id: order,
  startMs,
  endMs: startMs + 5,
  status: state === undefined ? 404 : 200,
  ...(state === undefined ? {} : { state }),
  ...more,
});
const arrival = (atMs: number, webhookId: string, state: string, more: Partial<Arrival> = {}): Arrival => ({
  partner: "a",
  atMs,
  webhookId,
  type: `instalment.${state}`,
  resourceId: order,
  state,
  text: `${webhookId} ${state}`,
  accepted: true,
  ...more,
});
const final = (state: string, more: Partial<Final> = {}): Final => ({
  partner: "a",
  id: order,
  status: 200,
  state,
  amountFen: 1_000n,
  ...more,
});
const trade = (more: Partial<LedgerTrade> = {}): LedgerTrade => ({
  subject: "run a 1",
  amountFen: 1_000n,
  paid: true,
  closed: false,
  refunds: [],
  ...more,
});

/** An order that was paid and partly refunded; everybody agrees. */
function goodHistory(more: Partial<History> = {}): History {
  return {
    ...emptyHistory(),
    effects: [creation(), refunding()],
    reads: [read(20, "awaiting_payment"), read(30, "paid")],
    arrivals: [
      arrival(25, "evt_1", "paid"),
      arrival(52, "evt_2", "succeeded", { resourceId: refund, type: "refund.succeeded" }),
    ],
    finals: [final("paid"), final("succeeded", { id: refund, amountFen: 300n })],
    trespasses: [{ partner: "b", what: "GET", status: 404 }],
    ...more,
  };
}
const goodLedger = (more: Partial<LedgerTrade> = {}): LedgerTrade[] => [
  trade({ refunds: [{ amountFen: 300n, made: true }], ...more }),
];

/** The history of one creation alone. */
const alone = (effect: Effect, end: Final | undefined, arrivals: Arrival[] = []): History => ({
  ...emptyHistory(),
  effects: [effect],
  finals: end === undefined ? [] : [end],
  arrivals,
});

const found = (history: History, ledger: LedgerTrade[]): string[] =>
  [...new Set(check(history, ledger).map(({ invariant }) => invariant))].toSorted();

describe("the judge of the black box", () => {
  it("has nothing to say of a good history", () => {
    expect(check(goodHistory(), goodLedger())).toEqual([]);
  });

  it("has nothing to say of an order that waits, was refused, was given up, or failed", () => {
    const waiting = creation({ waits: true });
    expect(check(alone(waiting, final("awaiting_payment")), [trade({ paid: false })])).toEqual([]);
    const refused = creation({ attempts: [{ ...noAnswer, verdict: "failed", status: 422, code: "payer_rejected" }] });
    expect(check(alone(refused, undefined), [])).toEqual([]);
    const givenUp = creation({ attempts: [{ ...noAnswer, verdict: "not_sent", status: 503 }] });
    expect(check(alone(givenUp, undefined), [])).toEqual([]);
    const failed = creation({ attempts: [attempt({ status: 202, state: "unknown" })] });
    expect(check(alone(failed, final("failed"), [arrival(30, "evt_1", "failed")]), [])).toEqual([]);
  });

  const noAnswer: Attempt = { startMs: 0, endMs: 10, door: 0, verdict: "unknown", code: "ECONNRESET" };
  const paid = [arrival(25, "evt_1", "paid")];

  it.each<[name: string, invariants: string[], history: History, ledger: LedgerTrade[]]>([
    ["an order made twice", ["I-1", "I-9"], goodHistory(), [...goodLedger(), trade()]],
    [
      "a refund made twice",
      ["I-1", "I-9"],
      goodHistory(),
      goodLedger({ refunds: [1, 2].map(() => ({ amountFen: 300n, made: true })) }),
    ],
    ["an accepted order that the vendor lacks", ["I-2", "I-9"], alone(creation(), final("paid"), paid), []],
    ["an accepted refund that the vendor lacks", ["I-2", "I-9"], goodHistory(), goodLedger({ refunds: [] })],
    ["an accepted order that cannot be read", ["I-2", "I-9"], alone(creation(), undefined), [trade()]],
    [
      "an accepted order that reads 404",
      ["I-2", "I-9"],
      alone(creation(), { partner: "a", id: order, status: 404 }),
      [trade()],
    ],
    [
      "an order that was there and then not",
      ["I-2"],
      goodHistory({ reads: [read(20, "paid"), read(30)] }),
      goodLedger(),
    ],
    [
      "a definite no with an effect",
      ["I-3", "I-9"],
      alone(creation({ attempts: [{ ...noAnswer, verdict: "failed", code: "payer_rejected" }] }), undefined),
      [trade()],
    ],
    [
      "nothing was sent, and yet it was",
      ["I-3", "I-9"],
      alone(creation({ attempts: [{ ...noAnswer, verdict: "not_sent", code: "vendor_unavailable" }] }), undefined),
      [trade()],
    ],
    [
      "a failed order that the vendor made",
      ["I-3"],
      alone(creation(), final("failed"), [arrival(30, "evt_1", "failed")]),
      [trade({ paid: false })],
    ],
    [
      "a refused cancel that closed the order",
      ["I-3"],
      {
        ...alone(creation(), final("closed"), [arrival(30, "evt_1", "closed")]),
        effects: [creation(), cancelling([{ ...noAnswer, verdict: "failed", code: "resource_state_conflict" }])],
      },
      [trade({ paid: false, closed: true })],
    ],
    [
      "a cancelled order that is open at the vendor",
      ["I-2"],
      {
        ...alone(creation(), final("closed"), [arrival(30, "evt_1", "closed")]),
        effects: [creation(), cancelling([attempt({ status: 200, state: "closed" })])],
      },
      [trade({ paid: false })],
    ],
    ["an effect that was never decided", ["I-4"], alone(creation({ attempts: [noAnswer] }), undefined), []],
    [
      "an order that stays unknown",
      ["liveness"],
      alone(creation({ attempts: [attempt({ state: "unknown" })] }), final("unknown")),
      [],
    ],
    [
      "an order that waits here and is paid there",
      ["I-9", "liveness"],
      alone(creation({ waits: true }), final("awaiting_payment")),
      [trade()],
    ],
    [
      "yes and no to one key",
      ["I-2", "I-3"],
      goodHistory({
        effects: [
          creation({ attempts: [attempt(), { ...noAnswer, verdict: "failed", code: "payer_rejected" }] }),
          refunding(),
        ],
      }),
      goodLedger(),
    ],
    [
      "two resources of one key",
      ["I-2"],
      goodHistory({ effects: [creation({ attempts: [attempt(), attempt({ id: "ins_2" })] }), refunding()] }),
      goodLedger(),
    ],
    [
      "two replays that differ",
      ["I-2"],
      goodHistory({
        effects: [
          creation({
            attempts: [attempt(), attempt({ replayed: true }), attempt({ replayed: true, text: "second" })],
          }),
          refunding(),
        ],
      }),
      goodLedger(),
    ],
    [
      "a state that went back",
      ["I-5"],
      goodHistory({ reads: [read(20, "paid"), read(30, "awaiting_payment")] }),
      goodLedger(),
    ],
    [
      "a read behind the answer to the creation",
      ["I-5"],
      goodHistory({ reads: [read(20, "unknown"), read(30, "paid")] }),
      goodLedger(),
    ],
    [
      "a final state that nobody was told of",
      ["I-6"],
      goodHistory({ arrivals: goodHistory().arrivals.slice(1) }),
      goodLedger(),
    ],
    [
      "a final state that was told but never taken",
      ["I-6"],
      goodHistory({
        arrivals: [arrival(25, "evt_1", "paid", { accepted: false }), ...goodHistory().arrivals.slice(1)],
      }),
      goodLedger(),
    ],
    [
      "one state under two ids",
      ["I-6"],
      goodHistory({ arrivals: [...goodHistory().arrivals, arrival(60, "evt_3", "paid")] }),
      goodLedger(),
    ],
    [
      "one id with two bodies",
      ["I-6"],
      goodHistory({ arrivals: [...goodHistory().arrivals, arrival(26, "evt_1", "paid", { text: "other" })] }),
      goodLedger(),
    ],
    [
      "webhooks out of order",
      ["I-6"],
      goodHistory({ arrivals: [...goodHistory().arrivals, arrival(70, "evt_3", "awaiting_payment")] }),
      goodLedger(),
    ],
    [
      "a webhook that overtook one that was not taken",
      ["I-6"],
      goodHistory({
        arrivals: [
          arrival(15, "evt_0", "awaiting_payment", { accepted: false }),
          ...goodHistory().arrivals,
          arrival(80, "evt_0", "awaiting_payment"),
        ],
      }),
      goodLedger(),
    ],
    [
      "a webhook that does not verify",
      ["I-7"],
      goodHistory({
        arrivals: [...goodHistory().arrivals, arrival(60, "evt_9", "paid", { refused: "signature_invalid" })],
      }),
      goodLedger(),
    ],
    ["an answer that does not verify", ["I-7"], goodHistory({ untrusted: ["no signature"] }), goodLedger()],
    [
      "the other partner's resource",
      ["I-8"],
      goodHistory({ trespasses: [{ partner: "b", what: "GET", status: 200 }] }),
      goodLedger(),
    ],
    [
      "a webhook at the other partner's",
      ["I-8"],
      goodHistory({ arrivals: [...goodHistory().arrivals, arrival(26, "evt_1", "paid", { partner: "b" })] }),
      goodLedger(),
    ],
    [
      "another amount than was asked",
      ["I-9"],
      goodHistory({ finals: [final("paid", { amountFen: 999n }), ...goodHistory().finals.slice(1)] }),
      goodLedger(),
    ],
    [
      "something at the vendor that nobody asked for",
      ["I-9"],
      goodHistory(),
      [...goodLedger(), trade({ subject: "run a 2" })],
    ],
    [
      "an answer that a drain cut off",
      ["I-2"],
      goodHistory({
        effects: [creation({ attempts: [{ ...noAnswer, endMs: 1_500 }, attempt()] }), refunding()],
        drains: [{ door: 0, startMs: 1_000, endMs: 2_000 }],
      }),
      goodLedger(),
    ],
    ["a process that died by itself", ["harness"], goodHistory({ processFaults: ["died"] }), goodLedger()],
  ])("finds %s", (_name, invariants, history, ledger) => {
    expect(found(history, ledger)).toEqual(invariants);
  });

  it("knows what a drain may cut off: what came late, what hung up, what another process had", () => {
    const lost = (more: Partial<Attempt>): History =>
      goodHistory({
        effects: [creation({ attempts: [{ ...noAnswer, endMs: 1_500, ...more }, attempt()] }), refunding()],
        drains: [{ door: 0, startMs: 1_000, endMs: 2_000 }],
      });
    for (const more of [{ startMs: 900 }, { hungUp: true as const }, { door: 1 }, { endMs: 999 }]) {
      expect(check(lost(more), goodLedger())).toEqual([]);
    }
  });
});
