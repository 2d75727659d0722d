import { done } from "#capability";
import type { Call, Done, Output } from "#capability";
import type { Config } from "./config.ts";
import { askedFen, invalidAnswer, sameFen } from "./money.ts";
import { planFor } from "./plans.ts";
import { instantOf } from "./time.ts";

export type Instalment = Output<"instalments.get">;
type Status = Instalment["status"];

/** A call about an instalment credit that the core knows already. */
export type AboutOne = Call<"instalments.get", Config> | Call<"instalments.cancel", Config>;

/** What Alipay says of a trade, in an answer or a notification. */
export interface TradeWords {
  status: string;
  totalAmount: string | undefined;
  /** GMT+8; only a trade that was paid has it. */
  paidAtLocal: string | undefined;
  /** Number of instalments that the buyer took, where Alipay says it. */
  periods?: string | undefined;
  tradeNo: string | undefined;
}

/** The resource that the core gives with every get and cancel. */
export function resourceOf(call: AboutOne): NonNullable<AboutOne["resource"]> {
  if (call.resource === undefined) throw new TypeError("the core gives the resource with every get and cancel");
  return call.resource;
}

/** Moves the resource to what Alipay says of its trade. Throws an unknown `vendor_invalid_answer` if that is not what was asked. */
export function moved(call: AboutOne, words: TradeWords): Done<Instalment> {
  const { body, state } = resourceOf(call);
  const fen = askedFen(body.amount, call.config);
  sameFen(words.totalAmount, fen, "total_amount");
  if (words.periods !== undefined && words.periods !== `${body.periods}`) {
    throw invalidAnswer("user_install_num is not the number of periods that was asked");
  }
  const plan = body.plan ?? planFor(fen, body.periods, body.feeBearer, call.config);
  // What is remembered already needs no second writing.
  const tradeNo = state === undefined ? words.tradeNo : undefined;
  switch (words.status) {
    case "WAIT_BUYER_PAY":
      return shown(call, body, "awaiting_payment", { plan, expiresAt: body.expiresAt }, tradeNo);
    case "TRADE_SUCCESS":
    case "TRADE_FINISHED":
      return shown(call, body, "paid", { plan, paidAt: paidAt(words.paidAtLocal) }, tradeNo);
    case "TRADE_CLOSED":
      // A paid trade is closed too when all of it was refunded; the credit was paid all the same.
      if (words.paidAtLocal === undefined) return shown(call, body, "closed", { plan }, tradeNo);
      return shown(call, body, "paid", { plan, paidAt: paidAt(words.paidAtLocal) }, tradeNo);
    default:
      throw invalidAnswer("trade_status is none of Alipay's");
  }
}

/** The contract's instant of a payment. Throws an unknown `vendor_invalid_answer` if Alipay's is missing or none. */
export function paidAt(local: string | undefined): string {
  const at = instantOf(local);
  if (at === undefined) throw invalidAnswer("a paid trade without the time of its payment");
  return at.toISOString();
}

type Optional = "plan" | "expiresAt" | "paidAt" | "failure";

/** The resource as partners see it. `tradeNo` is remembered, and finds the resource too. */
export function shown(
  call: { id: string; now: Date; resource: { createdAt: Date } | undefined },
  asked: Pick<Instalment, "amount" | "periods" | "feeBearer" | "reference">,
  status: Status,
  more: { [K in Optional]?: Instalment[K] | undefined },
  tradeNo?: string,
): Done<Instalment> {
  const { plan, expiresAt, paidAt: at, failure } = more;
  const body: Instalment = {
    id: call.id,
    status,
    amount: asked.amount,
    periods: asked.periods,
    feeBearer: asked.feeBearer,
    ...(plan === undefined ? {} : { plan }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(at === undefined ? {} : { paidAt: at }),
    ...(failure === undefined ? {} : { failure }),
    reference: asked.reference,
    createdAt: (call.resource?.createdAt ?? call.now).toISOString(),
  };
  return done(body, tradeNo === undefined ? {} : { state: { tradeNo }, handles: [tradeNo] });
}
