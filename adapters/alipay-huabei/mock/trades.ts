import type { MockContext, Table } from "#mocks";
import { behaviourOf, buyerOfCode } from "./buyers.ts";
import { readWallMs } from "./clock.ts";
import type { Accepted } from "./gateway.ts";
import { fen, yuan } from "./yuan.ts";

export interface Refund {
  outRequestNo: string;
  amount: string;
  /** Undefined while it is not made. */
  at?: string;
}

/** One trade as the vendor keeps it; times are ISO instants, money is yuan. */
export interface Trade {
  outTradeNo: string;
  tradeNo: string;
  buyerId: string;
  subject: string;
  totalAmount: string;
  /** What the buyer really paid; differs only for the magic buyer that pays less. */
  paidAmount?: string;
  instalments: { periods: string; sellerPercent: string } | undefined;
  notifyUrl: string | undefined;
  status: "WAIT_BUYER_PAY" | "TRADE_SUCCESS" | "TRADE_CLOSED";
  createdAt: string;
  expiresAt: string;
  paidAt?: string;
  refunds: Refund[];
}

/** A refusal's sub_code. */
interface Refused {
  refused: string;
}

export interface Trades {
  /** Makes the trade, or finds the one that was made with the same content. */
  open(accepted: Accepted, code?: string): { trade: Trade; isNew: boolean } | Refused;
  /** By trade_no first, else by out_trade_no. */
  find(content: Record<string, unknown>): Trade | undefined;
  byTradeNo(tradeNo: string): Trade | undefined;
  save(trade: Trade): void;
  /** Every trade that waits for its buyer. */
  waiting(): Trade[];
  /** How many trades and refunds were made. */
  effects(): number;
}

const defaultTimeoutMs = 15 * 24 * 60 * 60 * 1_000;
const unitMs: Record<string, number> = { m: 60_000, h: 3_600_000, d: 86_400_000 };
const maxTotalFen = 10_000_000_000n;

/** The trades of one seller. */
export function createTrades(context: Pick<MockContext, "table" | "now">, sellerId: string): Trades {
  const table: Table<Trade> = context.table("trades");
  const numbers: Table<string> = context.table("trade_numbers");
  const usedCodes: Table<string> = context.table("used_codes");

  /** Closes what ran out of time, whenever somebody looks. */
  function current(trade: Trade | undefined): Trade | undefined {
    if (trade?.status !== "WAIT_BUYER_PAY" || Date.parse(trade.expiresAt) > context.now().getTime()) return trade;
    const closed: Trade = { ...trade, status: "TRADE_CLOSED" };
    table.set(trade.outTradeNo, closed);
    return closed;
  }

  function text(content: Record<string, unknown>, name: string): string {
    const value = content[name];
    return typeof value === "string" ? value : "";
  }

  function repeat(known: Trade, asked: Trade): { trade: Trade; isNew: false } | Refused {
    if (known.buyerId !== asked.buyerId) return { refused: "ACQ.TRADE_BUYER_NOT_MATCH" };
    const same = fen(known.totalAmount) === fen(asked.totalAmount) && known.subject === asked.subject;
    const sameTerms = JSON.stringify(known.instalments) === JSON.stringify(asked.instalments);
    if (!same || !sameTerms) return { refused: "ACQ.CONTEXT_INCONSISTENT" };
    if (known.status === "TRADE_SUCCESS") return { refused: "ACQ.TRADE_HAS_SUCCESS" };
    if (known.status === "TRADE_CLOSED") return { refused: "ACQ.TRADE_HAS_CLOSE" };
    return { trade: known, isNew: false };
  }

  return {
    open({ content, notifyUrl }, code) {
      const terms = content["extend_params"] as Record<string, unknown> | undefined;
      const instalments = terms && {
        periods: text(terms, "hb_fq_num"),
        sellerPercent: text(terms, "hb_fq_seller_percent"),
      };
      const buyerId =
        code === undefined ? text(content, "buyer_id") || text(content, "buyer_open_id") : buyerOfCode(code);
      if (buyerId === undefined) return { refused: "ACQ.PAYMENT_AUTH_CODE_INVALID" };
      const total = text(content, "total_amount");
      const now = context.now();
      const outTradeNo = text(content, "out_trade_no");
      const valid =
        /^\w{1,64}$/.test(outTradeNo) && /^\d{1,9}(\.\d{1,2})?$/.test(total) && text(content, "subject") !== "";
      if (!valid || buyerId === "") return { refused: "ACQ.INVALID_PARAMETER" };
      if (
        instalments &&
        !(["3", "6", "12"].includes(instalments.periods) && ["0", "100"].includes(instalments.sellerPercent))
      ) {
        return { refused: "ACQ.INVALID_PARAMETER" };
      }
      if (fen(total) === 0n || fen(total) > maxTotalFen) return { refused: "ACQ.TOTAL_FEE_EXCEED" };
      if (buyerId === sellerId) return { refused: "ACQ.BUYER_SELLER_EQUAL" };
      const trade: Trade = {
        outTradeNo,
        tradeNo: "",
        buyerId,
        subject: text(content, "subject"),
        totalAmount: yuan(fen(total)),
        instalments,
        notifyUrl,
        status: "WAIT_BUYER_PAY",
        createdAt: now.toISOString(),
        expiresAt: expiry(content, now).toISOString(),
        refunds: [],
      };
      const known = current(table.get(outTradeNo));
      if (known !== undefined) return repeat(known, trade);
      const refused = behaviourOf(buyerId).refusedAs;
      if (refused !== undefined) return { refused };
      if (code !== undefined && (usedCodes.get(code) ?? outTradeNo) !== outTradeNo)
        return { refused: "ACQ.PAYMENT_AUTH_CODE_INVALID" };
      if (code !== undefined) usedCodes.set(code, outTradeNo);
      trade.tradeNo = `${trade.createdAt.slice(0, 10).replaceAll("-", "")}2200${`${numbers.entries().length + 1}`.padStart(16, "0")}`;
      numbers.set(trade.tradeNo, outTradeNo);
      table.set(outTradeNo, trade);
      return { trade, isNew: true };
    },
    find(content) {
      const tradeNo = text(content, "trade_no");
      return current(table.get(tradeNo === "" ? text(content, "out_trade_no") : (numbers.get(tradeNo) ?? "")));
    },
    byTradeNo: (tradeNo) => current(table.get(numbers.get(tradeNo) ?? "")),
    save: (trade) => table.set(trade.outTradeNo, trade),
    effects: () => table.entries().reduce((count, [, { refunds }]) => count + 1 + refunds.length, 0),
    waiting: () => table.entries().flatMap(([, trade]) => (current(trade)?.status === "WAIT_BUYER_PAY" ? [trade] : [])),
  };
}

/** time_expire if given, else timeout_express from now. */
function expiry(content: Record<string, unknown>, now: Date): Date {
  const absolute = typeof content["time_expire"] === "string" ? readWallMs(content["time_expire"]) : Number.NaN;
  if (!Number.isNaN(absolute)) return new Date(absolute);
  const [, count, unit] = /^(\d+)([mhd])$/.exec(String(content["timeout_express"])) ?? [];
  const afterMs = unit === undefined ? defaultTimeoutMs : Number(count) * (unitMs[unit] ?? 0);
  return new Date(now.getTime() + afterMs);
}
