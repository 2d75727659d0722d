/** What partners do: an order, its payment, its refunds or its end, with impatience, twins and trespasses in between. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Effect, History } from "./history.ts";
import { newEffect } from "./partner-calls.ts";
import type { PartnerCalls } from "./partner-calls.ts";
import type { Choices } from "./random.ts";
import { isFinalState } from "./states.ts";

/** The mock's magic buyers (its README), as far as the vendor stays true to its word in the end. */
const buyers = {
  ordinary: 12,
  "0001": 3, // never pays: the partner cancels
  "0002": 1, // declines
  "0003": 1, // refused
  "0007": 1, // ACQ.SYSTEM_ERROR after the order was made
  "0008": 1, // ACQ.SYSTEM_ERROR instead of making it
  "0009": 1, // notified twice
  "0010": 1, // notified out of order
  "0011": 1, // paid and notified before the creation is answered
  "0012": 1, // never pays, a forged notification says so
  "0015": 1, // the answer has a wrong signature
  "0018": 1, // answers after 3 s
  "0020": 1, // refunds are refused
  "0021": 2, // a refund's answer is lost
  "0022": 2, // refunds are made later
} as const;
const neverPay: readonly string[] = ["0001", "0012"];
const declines = "0002";
const maxLooks = 8;

export interface StoryPorts {
  me: PartnerCalls;
  other: PartnerCalls;
  choices: Choices;
  history: History;
  /** A number that no other story of this partner has. Partners share the numbers, and so the keys. */
  number: number;
  /** Says so in every mark of this run, so that runs on one vendor would not meet. */
  run: string;
  /** When it is time to leave things as they are. */
  stop(): boolean;
}

/** Plays one story to its end. What it leaves undecided is taken up by `decideAll` later. */
export async function playStory(ports: StoryPorts): Promise<void> {
  const { me, choices, stop } = ports;
  const buyer = choices.weighted(buyers);
  const create = orderOf(ports, buyer);
  ports.history.effects.push(create);
  if (choices.chance(0.1)) await me.attempt(create, choices, choices.between(5, 400));
  if (choices.chance(0.15)) {
    // Walks away after one sending, whatever came of it; recovery has to do without this partner.
    await me.attempt(create, choices);
    return;
  }
  const twins = choices.chance(0.2) ? choices.between(1, 3) : 0;
  const [made] = await Promise.all([
    me.insist(create, choices, stop, twins === 0),
    ...Array.from({ length: twins }, () => me.insist(create, choices.fork(), stop)),
  ]);
  if (made?.verdict !== "ok" || made.id === undefined) return;
  const { id } = made;
  if (choices.chance(0.3)) await trespass(ports, id);
  if (neverPay.includes(buyer)) {
    await sleep(choices.between(0, 500));
    await cancel(ports, create, id);
    return;
  }
  const state = await watch(ports, id);
  // Where the buyer declines, the books could not tell whose doing it was.
  if (buyer !== declines && choices.chance(0.1)) await cancel(ports, create, id);
  if (state === "paid" || choices.chance(0.1)) await refundSome(ports, create, id);
}

function orderOf({ me, choices, number, run }: StoryPorts, buyer: string): Effect {
  const fen = BigInt(choices.between(1_000, 90_000));
  const mark = `${run} ${me.name} ${number}`;
  const body = {
    amount: yuan(fen),
    periods: choices.pick([3, 6, 12]),
    feeBearer: choices.pick(["customer", "merchant"]),
    subject: mark,
    payer: payerOf(choices, buyer),
    reference: `ORDER-${number}`,
  };
  const order: Omit<Effect, "attempts"> = {
    partner: me.name,
    key: `order-${number}`,
    operation: "instalments.create",
    mark,
    amountFen: fen,
  };
  if (neverPay.includes(buyer)) order.waits = true;
  return newEffect(order, body);
}

function payerOf(choices: Choices, buyer: string): Record<string, string> {
  if (buyer !== "ordinary") return { type: "account", accountId: `208800000000${buyer}` };
  const digits = String(choices.between(0, 999_999_999)).padStart(9, "0");
  if (choices.chance(0.6)) return { type: "account", accountId: `2088102${digits}` };
  return { type: "code", code: `28${digits}${String(choices.between(0, 9_999_999)).padStart(7, "0")}` };
}

/** Looks until it is final, some times; returns what was last seen. */
async function watch({ me, choices, stop }: StoryPorts, id: string): Promise<string | undefined> {
  let state: string | undefined;
  for (let look = 0; look < maxLooks && !stop(); look += 1) {
    await sleep(choices.between(20, 400));
    state = (await me.read(id, choices))?.state ?? state;
    if (state !== undefined && isFinalState(id, state)) break;
  }
  return state;
}

async function cancel({ me, choices, history, number, stop }: StoryPorts, about: Effect, id: string): Promise<void> {
  const effect = newEffect({
    partner: me.name,
    key: `cancel-${number}`,
    operation: "instalments.cancel",
    mark: "",
    amountFen: about.amountFen,
    about: { id, mark: about.mark },
  });
  history.effects.push(effect);
  await me.insist(effect, choices, stop);
}

/** One to three refunds, at times concurrent, at times more than was paid in all. Each of another amount, which is its mark. */
async function refundSome(ports: StoryPorts, about: Effect, id: string): Promise<void> {
  const { me, choices, history, number, stop } = ports;
  const share = about.amountFen / BigInt(choices.between(2, 4));
  const refunds = Array.from({ length: choices.between(1, 3) }, (_, index) => {
    const fen = share - BigInt(index);
    const body = { instalmentId: id, amount: yuan(fen), reference: `REFUND-${number}-${index}` };
    const key = `refund-${number}-${index}`;
    const { name: partner } = me;
    return newEffect(
      { partner, key, operation: "refunds.create", mark: "", amountFen: fen, about: { id, mark: about.mark } },
      body,
    );
  });
  history.effects.push(...refunds);
  await Promise.all(
    refunds.map(async (refund) => {
      const fork = choices.fork();
      const made = await me.insist(refund, fork, stop, true);
      if (made?.verdict === "ok" && made.id !== undefined) await watch({ ...ports, choices: fork }, made.id);
    }),
  );
}

/** The other partner tries its luck with this one's resource: reading, cancelling, refunding. */
async function trespass({ other, choices, history, number }: StoryPorts, id: string): Promise<void> {
  const tries: [string, string, unknown][] = [
    ["GET", `/v1/instalments/${id}`, undefined],
    ["POST", `/v1/instalments/${id}/cancel`, undefined],
    ["POST", "/v1/refunds", { instalmentId: id, amount: yuan(1n), reference: `TRESPASS-${number}` }],
  ];
  for (const [method, path, body] of tries) {
    const answer = await other.call(method, path, choices, body);
    // Without a claim nothing is decided; only a store that is away may answer otherwise.
    if (answer === undefined || answer.status === 503) continue;
    history.trespasses.push({
      partner: other.name,
      what: `${method} ${path.replace(id, "{id}")}`,
      status: answer.status,
    });
  }
}

function yuan(fen: bigint): { amount: string; currency: string } {
  return { amount: `${fen / 100n}.${String(fen % 100n).padStart(2, "0")}`, currency: "CNY" };
}
