import { html } from "#mocks";
import type { WireAnswer, WireRequest } from "#mocks";
import type { Trade } from "./trades.ts";

/** What a person may do at the cashier. */
export interface Hands {
  find(tradeNo: string): Trade | undefined;
  pay(trade: Trade): Promise<void>;
  decline(trade: Trade): Promise<void>;
}

const shownStatus: Record<Trade["status"], string> = {
  WAIT_BUYER_PAY: "等待付款 · waiting for payment",
  TRADE_SUCCESS: "已付款 · paid",
  TRADE_CLOSED: "已关闭 · closed",
};

/** `/cashier/<trade_no>`: what the app would show. GET looks; POST with `action=pay` or `action=decline` acts. */
export async function cashier(request: WireRequest, hands: Hands): Promise<WireAnswer | undefined> {
  const tradeNo = /^\/cashier\/(\d{1,64})$/.exec(request.path)?.[1];
  if (tradeNo === undefined) return undefined;
  const trade = hands.find(tradeNo);
  if (trade === undefined) return html({ title: "交易不存在 · no such trade", status: 404 });
  if (request.method === "POST" && trade.status === "WAIT_BUYER_PAY") {
    const action = new URLSearchParams(request.body.toString("utf8")).get("action");
    if (action === "pay") await hands.pay(trade);
    else if (action === "decline") await hands.decline(trade);
    else return html({ title: "无效操作 · no such action", status: 400 });
  } else if (request.method !== "GET" && request.method !== "POST") {
    return html({ title: "Method not allowed", status: 405 });
  }
  return html(page(hands.find(tradeNo) ?? trade));
}

function page(trade: Trade): Parameters<typeof html>[0] {
  const terms = trade.instalments === undefined ? "" : `花呗分期 ${trade.instalments.periods} 期`;
  const actions = [
    { label: "付款 · pay", fields: { action: "pay" } },
    { label: "拒绝 · decline", fields: { action: "decline" } },
  ];
  return {
    title: "收银台 · cashier",
    facts: {
      商品: trade.subject,
      金额: `¥${trade.totalAmount}`,
      方式: terms,
      状态: shownStatus[trade.status],
    },
    ...(trade.status === "WAIT_BUYER_PAY" ? { actions } : {}),
  };
}
