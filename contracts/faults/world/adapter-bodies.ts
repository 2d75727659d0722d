/** What the vendors of the harnesses say, in the words of the contract. */
import { done, Fault } from "#capability";
import type { Done, Output } from "#capability";

export interface Order {
  no: string;
  amount: string;
  state: "waiting" | "paid" | "closed";
  at: number;
}
export interface Refund extends Omit<Order, "state"> {
  state: "working" | "done" | "failed";
}

type Instalment = Output<"instalments.get">;
type RefundBody = Output<"refunds.get">;

/** No request of ours is under way for so long, so that the vendor's "not known" then means that it never was. */
const absentAfterMs = 20_000;

/** What the vendor has under our number; undefined when it surely never will have anything. */
export async function known<T>(
  call: { now: Date },
  createdAt: Date,
  ask: () => Promise<{ body: T }>,
): Promise<T | undefined> {
  try {
    return (await ask()).body;
  } catch (fault) {
    if (!(fault instanceof Fault) || fault.vendor?.code !== "NOT_KNOWN") throw fault;
    if (call.now.getTime() - createdAt.getTime() >= absentAfterMs) return undefined;
    throw new Fault("outcome_unknown", { outcome: "unknown", detail: "not there, or not there yet" });
  }
}

/** A creation that never was. */
export function never<Body>(body: Body): Done<Body & { failure: { code: string; detail: string } }> {
  return done({ ...body, failure: { code: "never_received", detail: "The provider has no such order." } });
}

type Named = {
  id: string;
  reference: string;
  resource?: { createdAt: Date; reference: string } | undefined;
  now: Date;
};

/** The vendor's order as the contract's instalment. */
export function instalment(
  call: Named,
  asked: Pick<Instalment, "amount" | "periods" | "feeBearer" | "reference">,
  said: Order,
): Done<Instalment> {
  same(call, asked.amount.amount, said);
  const status = said.state === "waiting" ? "awaiting_payment" : said.state;
  const { amount, periods, feeBearer, reference } = asked;
  return done({
    id: call.id,
    status,
    amount,
    periods,
    feeBearer,
    reference,
    createdAt: (call.resource?.createdAt ?? call.now).toISOString(),
    ...(status === "paid" ? { paidAt: new Date(said.at).toISOString() } : {}),
  });
}

/** The vendor's refund as the contract's. */
export function refund(
  call: Named,
  asked: Pick<RefundBody, "instalmentId" | "amount" | "reference">,
  said: Refund,
): Done<RefundBody> {
  same(call, asked.amount.amount, said);
  const { instalmentId, amount, reference } = asked;
  return done({
    id: call.id,
    status: said.state === "working" ? "processing" : said.state === "done" ? "succeeded" : "failed",
    instalmentId,
    amount,
    reference,
    createdAt: (call.resource?.createdAt ?? call.now).toISOString(),
    ...(said.state === "done" ? { succeededAt: new Date(said.at).toISOString() } : {}),
    ...(said.state === "failed" ? { failure: { code: "declined", detail: "The bank declined." } } : {}),
  });
}

/** An answer about another order, or another amount, is no answer. */
function same(call: Named, amount: string, said: { no: string; amount: string }): void {
  const asked = call.resource?.reference ?? call.reference;
  if (said.no === asked && said.amount === amount) return;
  throw new Fault("vendor_invalid_answer", { outcome: "unknown", detail: "another number or amount than asked" });
}
