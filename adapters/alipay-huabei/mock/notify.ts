import { randomBytes } from "node:crypto";
import type { MockContext } from "#mocks";
import { wallTime } from "./clock.ts";
import type { Gateway } from "./gateway.ts";
import type { Trade } from "./trades.ts";

/** The vendor's gaps between attempts (4m 10m 10m 1h 2h 6h 15h), run `timesFaster`. */
const gapsMinutes = [4, 10, 10, 60, 120, 360, 900] as const;
const timesFaster = 1_000;
const minuteMs = 60_000;
const deadlineMs = 5_000;

type Pair = readonly [string, string];

export interface Notifier {
  /** Posts the trade's state to its notify_url, again and again until the answer is `success`. Resolves after the first attempt. */
  notify(trade: Trade, more?: readonly Pair[]): Promise<void>;
  /** One post that pretends to come from the vendor. */
  forge(trade: Trade): Promise<void>;
}

/** The vendor calling back. */
export function createNotifier(
  context: MockContext,
  gateway: Gateway,
  app: { appId: string; sellerId: string },
): Notifier {
  function parameters(trade: Trade, notifyId: string, more: readonly Pair[]): Pair[] {
    const amount = trade.paidAmount ?? trade.totalAmount;
    const paid: Pair[] =
      trade.paidAt === undefined
        ? []
        : [
            ["invoice_amount", amount],
            ["fund_bill_list", JSON.stringify([{ amount, fundChannel: "PCREDIT" }])],
            ["receipt_amount", amount],
            ["buyer_pay_amount", amount],
            ["point_amount", "0.00"],
            ["gmt_payment", wallTime(new Date(trade.paidAt))],
          ];
    return [
      ["gmt_create", wallTime(new Date(trade.createdAt))],
      ["charset", "utf-8"],
      ["subject", trade.subject],
      ["buyer_id", trade.buyerId],
      ["notify_id", notifyId],
      ["notify_type", "trade_status_sync"],
      ["trade_status", trade.status],
      ["app_id", app.appId],
      ["seller_id", app.sellerId],
      ...paid,
      ["notify_time", wallTime(context.now())],
      ["version", "1.0"],
      ["out_trade_no", trade.outTradeNo],
      ["total_amount", amount],
      ["trade_no", trade.tradeNo],
      ["auth_app_id", app.appId],
      ...more,
    ];
  }

  async function post(url: string, pairs: readonly Pair[], sign: string): Promise<boolean> {
    const form = new URLSearchParams([
      ...pairs.map(([name, value]) => [name, value]),
      ["sign_type", "RSA2"],
      ["sign", sign],
    ]);
    try {
      const answer = await context.send({
        method: "POST",
        url,
        headers: { "content-type": "application/x-www-form-urlencoded; charset=utf-8" },
        body: form.toString(),
        timeoutMs: deadlineMs,
      });
      return answer.body === "success";
    } catch {
      return false;
    }
  }

  async function attempt(trade: Trade, notifyId: string, more: readonly Pair[], tries: number): Promise<void> {
    if (trade.notifyUrl === undefined) return;
    const pairs = parameters(trade, notifyId, more);
    if (await post(trade.notifyUrl, pairs, gateway.signNotification(pairs))) return;
    const gap = gapsMinutes[tries];
    if (gap === undefined) return;
    context.later((gap * minuteMs) / timesFaster, () => attempt(trade, notifyId, more, tries + 1));
  }

  return {
    notify: (trade, more = []) => attempt(trade, randomBytes(17).toString("hex"), more, 0),
    async forge(trade) {
      if (trade.notifyUrl === undefined) return;
      const paid: Trade = {
        ...trade,
        status: "TRADE_SUCCESS",
        paidAt: context.now().toISOString(),
      };
      await post(
        trade.notifyUrl,
        parameters(paid, randomBytes(17).toString("hex"), []),
        randomBytes(256).toString("base64"),
      );
    },
  };
}
