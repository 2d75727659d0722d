import type { Callbacks, CallbackVerdict } from "#capability";
import { z } from "zod";
import type { Config } from "./config.ts";
import { moved } from "./instalment.ts";
import { keysOf } from "./keys.ts";
import { invalidAnswer } from "./money.ts";
import { refundNow } from "./refunds.ts";
import { signedText, verifiesRsa2 } from "./sign.ts";
import type { operations } from "./vendor.d.ts";

/** What is kept of a notification: nothing about the buyer. */
const tradeEvent = z.object({
  tradeStatus: z.string().min(1),
  totalAmount: z.string().optional(),
  paidAtLocal: z.string().optional(),
  tradeNo: z.string().optional(),
});

const refundEvent = z.object({ outTradeNo: z.string().min(1) });

const ours = /^[0-9a-f]{32}$/;
const maxParameters = 100;

/** Alipay's asynchronous notification: a signed form, posted to the trade's `notify_url`, for its payments and its refunds. */
export const callbacks: Callbacks<Config, operations> = {
  verify({ method, headers, body }, { config }) {
    if (method !== "POST") return refused("not a POST");
    if (!/^application\/x-www-form-urlencoded(;|$)/i.test(headers["content-type"] ?? "")) return refused("not a form");
    const form = [...new URLSearchParams(body.toString("utf8"))];
    const said = new Map(form);
    if (said.size !== form.length || said.size > maxParameters) return refused("a parameter stands twice, or too many");
    if (said.get("sign_type") !== "RSA2") return refused("not signed with RSA2");
    const text = signedText(form, ["sign", "sign_type"]);
    if (!verifiesRsa2(text, said.get("sign") ?? "", keysOf(config).alipay))
      return refused("the signature does not verify");
    if (said.get("app_id") !== config.appId) return refused("for another application");
    if (config.sellerId !== undefined && said.get("seller_id") !== config.sellerId)
      return refused("for another seller");
    if (said.get("notify_type") !== "trade_status_sync") return { verdict: "ignored", why: "not about a trade" };
    return about(said);
  },

  receive: {
    instalments: async (call) => {
      const { data } = tradeEvent.safeParse(call.event);
      if (data === undefined) throw invalidAnswer("a notification without trade_status");
      const { tradeStatus, totalAmount, paidAtLocal, tradeNo } = data;
      return moved(call, { status: tradeStatus, totalAmount, paidAtLocal, tradeNo });
    },
    // How much was refunded stands in a field that Alipay's own pages explain in two ways, so this is a hint to ask.
    refunds: async (call, vendor) => {
      const { data } = refundEvent.safeParse(call.event);
      if (data === undefined) throw invalidAnswer("a refund's notification without out_trade_no");
      return refundNow(call, vendor, data.outTradeNo);
    },
  },

  /** Alipay repeats itself (seven times in 25 hours) until the body is exactly `success`. */
  acknowledge({ result }) {
    const body = result === "accepted" || result === "ignored" ? "success" : "fail";
    return { status: 200, headers: { "content-type": "text/plain;charset=utf-8" }, body };
  },
};

/** A refund's notification carries the trade's status too: it must never be taken for a payment. */
function about(said: ReadonlyMap<string, string>): CallbackVerdict {
  const outTradeNo = said.get("out_trade_no");
  if (outTradeNo === undefined || outTradeNo === "") return refused("names no order");
  if (said.has("refund_fee") || said.has("gmt_refund")) {
    const handle = said.get("out_biz_no") ?? "";
    if (!ours.test(handle)) return { verdict: "ignored", why: "a refund that we did not ask for" };
    return { verdict: "verified", capability: "refunds", handle, event: { outTradeNo } };
  }
  const event = {
    tradeStatus: said.get("trade_status"),
    totalAmount: said.get("total_amount"),
    paidAtLocal: said.get("gmt_payment"),
    tradeNo: said.get("trade_no"),
  };
  return { verdict: "verified", capability: "instalments", handle: outTradeNo, event };
}

function refused(why: string): CallbackVerdict {
  return { verdict: "refused", why };
}
