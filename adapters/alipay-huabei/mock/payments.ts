import type { MockContext } from "#mocks";
import { behaviourOf, buyerDelayMs } from "./buyers.ts";
import { wallTime } from "./clock.ts";
import type { Said } from "./gateway.ts";
import type { Notifier } from "./notify.ts";
import type { Trade, Trades } from "./trades.ts";
import { refusal, success } from "./words.ts";
import { fen, yuan } from "./yuan.ts";

/** What buyers do to trades, and what the vendor tells the seller of it. */
export interface Payments {
  /** The buyer pays now; the seller is notified. */
  pay(trade: Trade): Promise<void>;
  /** The buyer refuses: the trade is closed, and the seller notified. */
  decline(trade: Trade): Promise<void>;
  /** The simulated buyer acts by itself after a while. */
  await(trade: Trade): void;
  query(content: Record<string, unknown>): Said;
  close(content: Record<string, unknown>): Said;
  /** What `alipay.trade.pay` says of a trade. */
  told(trade: Trade): Said;
}

export function createPayments(
  context: Pick<MockContext, "now" | "later">,
  trades: Trades,
  notifier: Notifier,
): Payments {
  const fundBills = (amount: string): Record<string, string>[] => [{ amount, fund_channel: "PCREDIT" }];

  async function pay(given: Trade): Promise<void> {
    const trade = trades.byTradeNo(given.tradeNo);
    if (trade?.status !== "WAIT_BUYER_PAY") return;
    const { notifies, paysLess } = behaviourOf(trade.buyerId);
    const paid: Trade = { ...trade, status: "TRADE_SUCCESS", paidAt: context.now().toISOString() };
    if (paysLess) paid.paidAmount = yuan(fen(trade.totalAmount) - 1n);
    trades.save(paid);
    await notifier.notify(paid);
    if (notifies === "twice") await notifier.notify(paid);
    if (notifies === "backwards") await notifier.notify(trade);
  }

  async function decline(given: Trade): Promise<void> {
    const trade = trades.byTradeNo(given.tradeNo);
    if (trade?.status !== "WAIT_BUYER_PAY") return;
    const closed: Trade = { ...trade, status: "TRADE_CLOSED" };
    trades.save(closed);
    await notifier.notify(closed);
  }

  function told(trade: Trade): Said {
    const amount = trade.paidAmount ?? trade.totalAmount;
    const buyer = { buyer_logon_id: "159****5620", buyer_user_id: trade.buyerId };
    const numbers = { out_trade_no: trade.outTradeNo, trade_no: trade.tradeNo };
    if (trade.paidAt === undefined) return { code: "10003", msg: "order success pay inprocess", ...buyer, ...numbers };
    return {
      ...success,
      ...buyer,
      buyer_pay_amount: amount,
      fund_bill_list: fundBills(amount),
      gmt_payment: wallTime(new Date(trade.paidAt)),
      invoice_amount: amount,
      out_trade_no: trade.outTradeNo,
      point_amount: "0.00",
      receipt_amount: amount,
      total_amount: amount,
      trade_no: trade.tradeNo,
    };
  }

  return {
    pay,
    decline,
    told,
    await(trade) {
      const { acts = "pays", notifies } = behaviourOf(trade.buyerId);
      if (notifies === "forged") context.later(buyerDelayMs, () => notifier.forge(trade));
      if (acts === "never") return;
      context.later(buyerDelayMs, () => (acts === "pays" ? pay(trade) : decline(trade)));
    },
    query(content) {
      const trade = trades.find(content);
      if (trade === undefined) return refusal("ACQ.TRADE_NOT_EXIST");
      const options = Array.isArray(content["query_options"]) ? content["query_options"] : [];
      const amount = trade.paidAmount ?? trade.totalAmount;
      const terms = trade.instalments;
      const paid =
        trade.paidAt === undefined
          ? {
              buyer_pay_amount: "0.00",
              invoice_amount: "0.00",
              point_amount: "0.00",
              receipt_amount: "0.00",
            }
          : {
              buyer_pay_amount: amount,
              ...(options.includes("fund_bill_list") ? { fund_bill_list: fundBills(amount) } : {}),
              ...(options.includes("hb_fq_pay_info") && terms !== undefined
                ? { hb_fq_pay_info: { fq_amount: amount, user_install_num: terms.periods } }
                : {}),
              invoice_amount: amount,
              point_amount: "0.00",
              receipt_amount: amount,
              send_pay_date: wallTime(new Date(trade.paidAt)),
            };
      return {
        ...success,
        buyer_logon_id: "159****5620",
        buyer_user_id: trade.buyerId,
        ...paid,
        out_trade_no: trade.outTradeNo,
        total_amount: amount,
        trade_no: trade.tradeNo,
        trade_status: trade.status,
      };
    },
    close(content) {
      const trade = trades.find(content);
      if (trade === undefined) return refusal("ACQ.TRADE_NOT_EXIST");
      if (trade.status !== "WAIT_BUYER_PAY") return refusal("ACQ.TRADE_STATUS_ERROR");
      const closed: Trade = { ...trade, status: "TRADE_CLOSED" };
      trades.save(closed);
      context.later(0, () => notifier.notify(closed));
      return { ...success, out_trade_no: trade.outTradeNo, trade_no: trade.tradeNo };
    },
  };
}
