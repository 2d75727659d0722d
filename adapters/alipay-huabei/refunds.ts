import { done, Fault } from "#capability";
import type { Call, Capability, Done, Output, VendorClient } from "#capability";
import { z } from "zod";
import type { Config } from "./config.ts";
import { askedFen, fenOf, invalidAnswer, sameFen, yuanOf } from "./money.ts";
import { isAbsentForSure, saidSuccess } from "./said.ts";
import { instantOf } from "./time.ts";
import type { operations } from "./vendor.d.ts";

type Refund = Output<"refunds.get">;
type Vendor = VendorClient<operations>;

/** What a refund remembers: the order that it gives back. */
const stateSchema = z.object({ outTradeNo: z.string() });

/** Refunds by `out_request_no`: the same number is the same refund, however often it is sent. */
export const refunds: Capability<"refunds", operations, Config> = {
  async create(call, vendor) {
    const { input, config, reference } = call;
    const { amount, reason } = input.body;
    const fen = askedFen(amount, config);
    const outTradeNo = orderOf(call);
    const content = {
      out_trade_no: outTradeNo,
      refund_amount: yuanOf(fen),
      out_request_no: reference,
      query_options: ["refund_detail_item_list" as const],
      ...(reason === undefined ? {} : { refund_reason: reason }),
    };
    const answer = await vendor.call("alipay.trade.refund", { body: { biz_content: content } });
    const said = saidSuccess(answer.body, "alipay_trade_refund_response");
    if (said.out_trade_no !== outTradeNo) throw invalidAnswer("out_trade_no is not the order to refund");
    const state = { outTradeNo };
    if (said.fund_change === "Y") {
      // refund_fee is the sum of all refunds of the trade, so it can only be too small.
      if (fenOf(said.refund_fee) < fen) throw invalidAnswer("refund_fee is less than what was asked");
      return shown(call, input.body, "succeeded", {
        at: instantOf(said.gmt_refund_pay) ?? call.now,
        state,
      });
    }
    // N: nothing moved now. Either this number was refunded before, or it is still under way: only the query tells.
    const made = await query(vendor, outTradeNo, reference, fen).catch(unlessAsked);
    return shown(call, input.body, made === undefined ? "processing" : "succeeded", {
      at: made ?? call.now,
      state,
    });
  },

  get: (call, vendor) => refundNow(call, vendor, orderOf(call)),
};

/** What became of a refund of the order. Throws an unknown `Fault` while that cannot be said. */
export async function refundNow(
  call: Call<"refunds.get", Config>,
  vendor: Vendor,
  outTradeNo: string,
): Promise<Done<Refund>> {
  const { resource, config } = call;
  if (resource === undefined) throw new TypeError("the core gives the resource with every get");
  const made = await query(vendor, outTradeNo, resource.reference, askedFen(resource.body.amount, config));
  // What is remembered already needs no second writing.
  const state = resource.state === undefined ? { outTradeNo } : undefined;
  if (made !== undefined) return shown(call, resource.body, "succeeded", { at: made, state });
  if (resource.state !== undefined) return shown(call, resource.body, "processing", { state });
  if (!isAbsentForSure(resource.createdAt, call)) throw new Fault("outcome_unknown", { outcome: "unknown" });
  const failure = { code: "vendor_rejected", detail: "The provider has no such refund; no money moved." };
  return shown(call, resource.body, "failed", { failure, state });
}

/** Alipay took the refund: that it cannot be asked about now leaves it under way. What it says and cannot be believed counts. */
function unlessAsked(fault: unknown): undefined {
  if (!(fault instanceof Fault) || fault.code === "vendor_invalid_answer") throw fault;
}

/** When the refund was made, or undefined if Alipay does not say that it was. */
async function query(vendor: Vendor, outTradeNo: string, outRequestNo: string, fen: bigint): Promise<Date | undefined> {
  const content = {
    out_trade_no: outTradeNo,
    out_request_no: outRequestNo,
    query_options: ["gmt_refund_pay" as const, "refund_detail_item_list" as const],
  };
  const answer = await vendor.call("alipay.trade.fastpay.refund.query", {
    body: { biz_content: content },
  });
  const said = saidSuccess(answer.body, "alipay_trade_fastpay_refund_query_response");
  if (said.refund_status !== "REFUND_SUCCESS") return undefined;
  if (said.out_request_no !== outRequestNo)
    throw invalidAnswer("out_request_no is not the refund that was asked about");
  sameFen(said.refund_amount, fen, "refund_amount");
  const at = instantOf(said.gmt_refund_pay);
  if (at === undefined) throw invalidAnswer("a refund that was made without its time");
  return at;
}

/** Our number of the order to refund: from the parent, or from what the creation left. */
function orderOf(
  call: Pick<Call<"refunds.get", Config>, "parents" | "resource"> | Call<"refunds.create", Config>,
): string {
  const order = call.parents.instalments?.reference ?? stateSchema.safeParse(call.resource?.state).data?.outTradeNo;
  if (order !== undefined) return order;
  const detail = "neither the parent nor the state names the order";
  throw new Fault("outcome_unknown", { outcome: "unknown", detail });
}

interface More {
  at?: Date;
  failure?: Refund["failure"];
  state: z.infer<typeof stateSchema> | undefined;
}

function shown(
  call: Pick<Call<"refunds.get", Config>, "id" | "now"> & {
    resource: { createdAt: Date } | undefined;
  },
  asked: Pick<Refund, "instalmentId" | "amount" | "reference">,
  status: Refund["status"],
  more: More,
): Done<Refund> {
  const body: Refund = {
    id: call.id,
    status,
    instalmentId: asked.instalmentId,
    amount: asked.amount,
    ...(status === "succeeded" && more.at !== undefined ? { succeededAt: more.at.toISOString() } : {}),
    ...(more.failure === undefined ? {} : { failure: more.failure }),
    reference: asked.reference,
    createdAt: (call.resource?.createdAt ?? call.now).toISOString(),
  };
  return done(body, more.state === undefined ? {} : { state: more.state });
}
