import { done, Fault } from "#capability";
import type { Call, Capability, Done, VendorClient } from "#capability";
import type { Config } from "./config.ts";
import { moved, paidAt, resourceOf, shown } from "./instalment.ts";
import type { AboutOne, Instalment } from "./instalment.ts";
import { askedFen, invalidAnswer, sameFen, yuanOf } from "./money.ts";
import { planFor } from "./plans.ts";
import { isAbsentForSure, saidSuccess, vendorSaid } from "./said.ts";
import type { operations } from "./vendor.d.ts";

type Vendor = VendorClient<operations>;
type Create = Call<"instalments.create", Config>;

const defaultExpiresInMinutes = 30;
const minuteMs = 60_000;
const allPeriods = [3, 6, 12] as const;
const notOpenAnyMore = ["ACQ.TRADE_STATUS_ERROR", "ACQ.REASON_TRADE_STATUS_INVALID", "ACQ.REASON_ILLEGAL_STATUS"];

/** Huabei instalments: a trade whose `extend_params` name the number of periods and who bears the fee. */
export const instalments: Capability<"instalments", operations, Config> = {
  async quote({ input: { body }, config }) {
    const fen = askedFen(body.amount, config);
    const wanted = allPeriods.filter((periods) => body.periods?.includes(periods) ?? true);
    const plans = wanted.map((periods) => planFor(fen, periods, body.feeBearer, config));
    return done({ amount: body.amount, plans: plans.filter((plan) => plan !== undefined) });
  },

  async create(call, vendor) {
    const { payer } = call.input.body;
    return payer.type === "account" ? createTrade(call, vendor, payer.accountId) : payByCode(call, vendor, payer.code);
  },

  async get(call, vendor) {
    return (await asked(call, vendor)) ?? neverMade(call);
  },

  async cancel(call, vendor) {
    const { reference, body } = resourceOf(call);
    try {
      const answer = await vendor.call("alipay.trade.close", { body: { biz_content: { out_trade_no: reference } } });
      const said = saidSuccess(answer.body, "alipay_trade_close_response");
      if (said.out_trade_no !== undefined) sameOrder(said.out_trade_no, reference);
      return shown(call, body, "closed", { plan: body.plan });
    } catch (fault) {
      if (!vendorSaid(fault, ...notOpenAnyMore)) throw fault;
      // Closed already (by an earlier attempt, or run out of time) is what was asked for; paid is a conflict.
      const now = await asked(call, vendor);
      if (now?.body.status === "closed") return now;
      throw fault;
    }
  },
};

/** The customer confirms in the app. */
async function createTrade(call: Create, vendor: Vendor, accountId: string): Promise<Done<Instalment>> {
  const { config, reference, callbackUrl, input } = call;
  const { content, plan, expiresAt } = orderOf(call);
  const buyer = /^2088\d{12}$/.test(accountId) ? { buyer_id: accountId } : { buyer_open_id: accountId };
  const product = config.createProductCode === undefined ? {} : { product_code: config.createProductCode };
  const answer = await vendor.call("alipay.trade.create", {
    query: { notify_url: callbackUrl },
    body: { biz_content: { ...content, ...buyer, ...product } },
  });
  const said = saidSuccess(answer.body, "alipay_trade_create_response");
  sameOrder(said.out_trade_no, reference);
  return shown(call, input.body, "awaiting_payment", { plan, expiresAt }, said.trade_no);
}

/** The customer showed a payment code: paid at once, or after they confirmed on the phone (10003). */
async function payByCode(call: Create, vendor: Vendor, code: string): Promise<Done<Instalment>> {
  const { config, reference, callbackUrl, input } = call;
  const { content, plan, expiresAt, fen } = orderOf(call);
  const product = config.payProductCode === undefined ? {} : { product_code: config.payProductCode };
  const answer = await vendor.call("alipay.trade.pay", {
    query: { notify_url: callbackUrl },
    body: { biz_content: { ...content, scene: "bar_code", auth_code: code, ...product } },
  });
  const said = saidSuccess(answer.body, "alipay_trade_pay_response");
  sameOrder(said.out_trade_no, reference);
  if (said.code === "10003") return shown(call, input.body, "awaiting_payment", { plan, expiresAt }, said.trade_no);
  sameFen(said.total_amount, fen, "total_amount");
  return shown(call, input.body, "paid", { plan, paidAt: paidAt(said.gmt_payment) }, said.trade_no);
}

/** What both ways to pay have in common. Throws a rejected or not sent `Fault` if the contract has no such plan. */
function orderOf({ input, config, reference, now }: Create) {
  const { amount, periods, feeBearer, subject, expiresInMinutes = defaultExpiresInMinutes } = input.body;
  const fen = askedFen(amount, config);
  const plan = planFor(fen, periods, feeBearer, config);
  if (plan === undefined) {
    const detail = `no plan of ${periods} periods borne by the ${feeBearer} for this amount`;
    throw new Fault("operation_unsupported", { outcome: "not_sent", detail });
  }
  const content = {
    out_trade_no: reference,
    total_amount: yuanOf(fen),
    subject,
    extend_params: { hb_fq_num: `${periods}`, hb_fq_seller_percent: feeBearer === "merchant" ? "100" : "0" },
    // Relative, so that a repeat of the same order is the same order.
    timeout_express: `${expiresInMinutes}m`,
  } as const;
  return { content, plan, fen, expiresAt: new Date(now.getTime() + expiresInMinutes * minuteMs).toISOString() };
}

/** What Alipay says now, or undefined if it has no such trade. */
async function asked(call: AboutOne, vendor: Vendor): Promise<Done<Instalment> | undefined> {
  const { reference } = resourceOf(call);
  try {
    const content = { out_trade_no: reference, query_options: ["fund_bill_list" as const, "hb_fq_pay_info" as const] };
    const answer = await vendor.call("alipay.trade.query", { body: { biz_content: content } });
    const said = saidSuccess(answer.body, "alipay_trade_query_response");
    sameOrder(said.out_trade_no, reference);
    return moved(call, {
      status: said.trade_status,
      totalAmount: said.total_amount,
      paidAtLocal: said.send_pay_date,
      periods: said.hb_fq_pay_info?.user_install_num,
      tradeNo: said.trade_no,
    });
  } catch (fault) {
    if (vendorSaid(fault, "ACQ.TRADE_NOT_EXIST")) return undefined;
    throw fault;
  }
}

/** Alipay has no trade under our number: once no request of ours can still be under way, it was never made. */
function neverMade(call: AboutOne): Done<Instalment> {
  const resource = resourceOf(call);
  if (resource.state !== undefined) throw invalidAnswer("Alipay no longer knows an order that it had made");
  if (!isAbsentForSure(resource.createdAt, call)) throw new Fault("outcome_unknown", { outcome: "unknown" });
  const failure = { code: "vendor_rejected", detail: "The provider has no such order; nothing was charged." };
  return shown(call, resource.body, "failed", { failure });
}

function sameOrder(said: string, reference: string): void {
  if (said !== reference) throw invalidAnswer("out_trade_no is not the order that was asked about");
}
