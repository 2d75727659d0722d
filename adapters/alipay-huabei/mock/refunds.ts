import { behaviourOf, refundDelayMs } from "./buyers.ts";
import { wallTime } from "./clock.ts";
import type { Said } from "./gateway.ts";
import type { Notifier } from "./notify.ts";
import type { Refund, Trade, Trades } from "./trades.ts";
import { refusal, success } from "./words.ts";
import { fen, yuan } from "./yuan.ts";

interface Surroundings {
  trades: Trades;
  notifier: Notifier;
  now(): Date;
  later(delayMs: number, run: () => void | Promise<void>): void;
}

/** What a refund ended in, and whether this request made it. */
export interface Refunded {
  said: Said;
  isNew: boolean;
  trade?: Trade;
}

const sum = (refunds: readonly Refund[]): bigint => refunds.reduce((total, one) => total + fen(one.amount), 0n);

/** `alipay.trade.refund`: once per out_request_no, never more in all than was paid. */
export function giveBack(content: Record<string, unknown>, around: Surroundings): Refunded {
  const no = (code: string): Refunded => ({ said: refusal(code), isNew: false });
  const trade = around.trades.find(content);
  if (trade === undefined) return no("ACQ.TRADE_NOT_EXIST");
  const outRequestNo = String(content["out_request_no"] ?? trade.outTradeNo);
  const amount = String(content["refund_amount"] ?? "");
  if (!/^\d{1,9}(\.\d{1,2})?$/.test(amount) || fen(amount) === 0n) return no("ACQ.INVALID_PARAMETER");
  const known = trade.refunds.find((one) => one.outRequestNo === outRequestNo);
  if (known !== undefined) {
    if (fen(known.amount) !== fen(amount)) return no("ACQ.DISCORDANT_REPEAT_REQUEST");
    return { said: told(trade, known, "N"), isNew: false, trade };
  }
  if (trade.status === "WAIT_BUYER_PAY") return no("ACQ.TRADE_STATUS_ERROR");
  if (trade.paidAt === undefined || trade.status === "TRADE_CLOSED") return no("ACQ.TRADE_HAS_CLOSE");
  if (sum(trade.refunds) + fen(amount) > fen(trade.totalAmount)) return no("ACQ.REFUND_AMT_NOT_EQUAL_TOTAL");
  const { refund: how } = behaviourOf(trade.buyerId);
  if (how === "no_balance") return no("ACQ.SELLER_BALANCE_NOT_ENOUGH");

  const one: Refund = { outRequestNo, amount: yuan(fen(amount)) };
  trade.refunds.push(one);
  if (how === "later") {
    around.trades.save(trade);
    around.later(refundDelayMs, () => make(around, trade.tradeNo, outRequestNo));
    return { said: told(trade, one, "N"), isNew: true, trade };
  }
  // The notification leaves after the answer, as the vendor's does.
  finish(around, trade, one);
  around.later(0, () => notify(around, trade.tradeNo, one));
  if (how === "other_amount")
    return {
      said: told(trade, { ...one, amount: yuan(fen(amount) - 1n) }, "Y"),
      isNew: true,
      trade,
    };
  return { said: told(trade, one, "Y"), isNew: true, trade };
}

/** `alipay.trade.fastpay.refund.query`: nothing but the code if there is no such refund or it is not made yet. */
export function queryRefund(content: Record<string, unknown>, trades: Trades): Said {
  const trade = trades.find(content);
  if (trade === undefined) return refusal("ACQ.TRADE_NOT_EXIST");
  const one = trade.refunds.find((refund) => refund.outRequestNo === content["out_request_no"]);
  if (one?.at === undefined) return { ...success };
  const less = behaviourOf(trade.buyerId).refund === "other_amount";
  const options = Array.isArray(content["query_options"]) ? content["query_options"] : [];
  return {
    ...success,
    out_request_no: one.outRequestNo,
    out_trade_no: trade.outTradeNo,
    refund_amount: less ? yuan(fen(one.amount) - 1n) : one.amount,
    refund_status: "REFUND_SUCCESS",
    total_amount: trade.totalAmount,
    trade_no: trade.tradeNo,
    ...(options.includes("gmt_refund_pay") ? { gmt_refund_pay: wallTime(new Date(one.at)) } : {}),
    ...(options.includes("refund_detail_item_list")
      ? { refund_detail_item_list: [{ amount: one.amount, fund_channel: "PCREDIT" }] }
      : {}),
  };
}

function told(trade: Trade, one: Refund, fundChange: "Y" | "N"): Said {
  const made = trade.refunds.filter((refund) => refund.at !== undefined && refund.outRequestNo !== one.outRequestNo);
  const fee = one.at === undefined ? sum(made) : sum([...made, one]);
  return {
    ...success,
    buyer_logon_id: "159****5620",
    buyer_user_id: trade.buyerId,
    fund_change: fundChange,
    ...(one.at === undefined ? {} : { gmt_refund_pay: wallTime(new Date(one.at)) }),
    out_trade_no: trade.outTradeNo,
    refund_fee: yuan(fee),
    send_back_fee: fundChange === "Y" ? one.amount : "0.00",
    trade_no: trade.tradeNo,
  };
}

function finish(around: Surroundings, trade: Trade, one: Refund): void {
  one.at = around.now().toISOString();
  if (sum(trade.refunds.filter((refund) => refund.at !== undefined)) === fen(trade.totalAmount))
    trade.status = "TRADE_CLOSED";
  around.trades.save(trade);
}

async function make(around: Surroundings, tradeNo: string, outRequestNo: string): Promise<void> {
  const trade = around.trades.byTradeNo(tradeNo);
  const one = trade?.refunds.find((refund) => refund.outRequestNo === outRequestNo);
  if (trade === undefined || one === undefined || one.at !== undefined) return;
  finish(around, trade, one);
  await notify(around, tradeNo, one);
}

async function notify(around: Surroundings, tradeNo: string, one: Refund): Promise<void> {
  const trade = around.trades.byTradeNo(tradeNo);
  if (trade === undefined || one.at === undefined) return;
  await around.notifier.notify(trade, [
    ["gmt_refund", wallTime(new Date(one.at))],
    ["out_biz_no", one.outRequestNo],
    ["refund_fee", yuan(sum(trade.refunds.filter((refund) => refund.at !== undefined)))],
  ]);
}
