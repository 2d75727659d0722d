import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { VendorClient } from "#capability";
import { startMock } from "#mocks";
import type { RunningMock } from "#mocks";
import { about, aboutRefund, byAccount, byCode, creation, doneOf, faultOf, kept } from "./calls.fixture.ts";
import { orderOf, referenceOf, refundCall } from "./calls.fixture.ts";
import type { Instalment, Order } from "./calls.fixture.ts";
import { clientOf } from "./client.fixture.ts";
import { configSchema } from "./config.ts";
import type { Config } from "./config.ts";
import { instalments } from "./instalments.ts";
import definition from "./mock.ts";
import { refunds } from "./refunds.ts";
import { startSeller } from "./seller.fixture.ts";
import type { Seller } from "./seller.fixture.ts";
import type { operations } from "./vendor.d.ts";

let mock: RunningMock;
let seller: Seller;
let config: Config;
let vendor: VendorClient<operations>;
let around: { config: Config; callbackUrl: string };

beforeAll(async () => {
  [mock, seller] = await Promise.all([startMock(definition), startSeller()]);
  config = configSchema.parse(mock.config);
  vendor = clientOf(config, 400);
  around = { config, callbackUrl: seller.url };
});
afterAll(async () => {
  await Promise.all([mock.stop(), seller.stop()]);
});

const create = (reference: string, order: Order) =>
  doneOf(instalments.create(creation(reference, order, around), vendor));
type View = ReturnType<typeof kept>;
const ask = (resource: View) => {
  if (instalments.get === "stored") throw new Error("get asks the vendor");
  return doneOf(instalments.get(about("instalments.get", resource, around), vendor));
};
const cancel = (resource: View) => doneOf(instalments.cancel(about("instalments.cancel", resource, around), vendor));
const askRefund = (
  call: Parameters<typeof aboutRefund>[0],
  made?: Parameters<typeof aboutRefund>[1],
  ageMs?: number,
) => {
  if (refunds.get === "stored") throw new Error("get asks the vendor");
  return doneOf(refunds.get(aboutRefund(call, made, ageMs), vendor));
};
const longAgoMs = 5_000;

async function paidCredit(code: string): Promise<{ reference: string; view: View }> {
  const [reference, order] = [referenceOf(), byCode(code)];
  return { reference, view: kept(reference, order, await create(reference, order)) };
}

describe("an instalment credit", () => {
  it("waits for the customer, then is paid", async () => {
    const [reference, order] = [referenceOf(), orderOf()];
    const made = await create(reference, order);
    expect(made.body).toMatchObject({ id: "ins_1", status: "awaiting_payment", periods: 3, reference: "ORDER-1" });
    expect(made.body.plan?.feeAmount).toEqual({ amount: "23.00", currency: "CNY" });
    expect(made.handles).toHaveLength(1);
    const waiting = await ask(kept(reference, order, made));
    expect(waiting.body).toMatchObject({ status: "awaiting_payment", expiresAt: made.body.expiresAt });
    expect(waiting.state).toBeUndefined();
    await seller.told(reference);
    const paid = await ask(kept(reference, order, made));
    expect(paid.body.status).toBe("paid");
    expect(Math.abs(Date.parse(paid.body.paidAt ?? "") - Date.now())).toBeLessThan(10_000);
    expect(paid.body.plan).toEqual(made.body.plan);
  });

  it("is paid at once by a payment code, or waits after 10003", async () => {
    expect((await paidCredit("28763443825660001")).view.body).toMatchObject({ status: "paid" });
    const order = byCode("28000000000000019");
    expect((await create(referenceOf(), order)).body).toMatchObject({ status: "awaiting_payment" });
  });

  it("tells Alipay the terms of the partner's order", async () => {
    const [reference, order] = [referenceOf(), orderOf({ feeBearer: "merchant", periods: 12, expiresInMinutes: 90 })];
    await create(reference, order);
    const sent = mock.exchanges.findLast(({ request }) => request.body.includes(reference));
    const content: unknown = JSON.parse(new URLSearchParams(sent?.request.body.toString()).get("biz_content") ?? "");
    expect(content).toEqual({
      out_trade_no: reference,
      total_amount: "1000.00",
      subject: "手机一部",
      buyer_id: "2088102146225135",
      extend_params: { hb_fq_num: "12", hb_fq_seller_percent: "100" },
      timeout_express: "90m",
    });
    expect(sent?.request.query.get("notify_url")).toBe(seller.url);
  });

  it("is closed when cancelled, again too, but not once it is paid", async () => {
    const [reference, order] = [referenceOf(), byAccount("0001")];
    const view = kept(reference, order, await create(reference, order));
    expect((await cancel(view)).body.status).toBe("closed");
    expect((await cancel(view)).body.status).toBe("closed");
    expect((await ask(view)).body.status).toBe("closed");
    const paid = await paidCredit("28763443825660002");
    const fault = await faultOf(cancel(paid.view));
    expect(fault).toMatchObject({ code: "resource_state_conflict", outcome: "rejected" });
  });

  it("is closed when the customer declines", async () => {
    const [reference, order] = [referenceOf(), byAccount("0002")];
    const made = await create(reference, order);
    await seller.told(reference);
    expect((await ask(kept(reference, order, made))).body.status).toBe("closed");
  });

  it.each([
    ["0003", "insufficient_funds", "ACQ.BUYER_BALANCE_NOT_ENOUGH"],
    ["0004", "payer_rejected", "ACQ.BUYER_ENABLE_STATUS_FORBID"],
    ["0030", "payer_rejected", "ACQ.PAYMENT_AUTH_CODE_INVALID"],
  ])("is refused for buyer %s as %s", async (digits, code, said) => {
    const fault = await faultOf(create(referenceOf(), byAccount(digits)));
    expect(fault).toMatchObject({ code, outcome: "rejected", vendor: { code: said } });
  });

  it("is not sent where the contract has no such plan, and refused for another currency or scale", async () => {
    const only3 = { ...around, config: { ...config, rates: config.rates.filter((rate) => rate.periods === 3) } };
    const sent = mock.exchanges.length;
    const none = faultOf(instalments.create(creation(referenceOf(), orderOf({ periods: 6 }), only3), vendor));
    expect(await none).toMatchObject({ code: "operation_unsupported", outcome: "not_sent" });
    for (const amount of [
      { amount: "10.00", currency: "USD" },
      { amount: "10.001", currency: "CNY" },
      { amount: "100000000.01", currency: "CNY" },
    ]) {
      const fault = await faultOf(create(referenceOf(), orderOf({ amount })));
      expect(fault).toMatchObject({ code: "amount_out_of_range", outcome: "rejected" });
    }
    expect(mock.exchanges.length).toBe(sent);
  });
});

describe("an unknown creation", () => {
  it.each([
    ["0006", "reset"],
    ["0007", "ACQ.SYSTEM_ERROR"],
    ["0015", "a wrong signature"],
    ["0016", "no signature"],
    ["0017", "a cut body"],
    ["0024", "silence"],
    ["0025", "a proxy's page"],
    ["0026", "a reset in the body"],
    ["0027", "silence after the headers"],
  ])("of buyer %s (%s) is found by our number alone", async (digits) => {
    const [reference, order] = [referenceOf(), byAccount(digits)];
    expect(await faultOf(create(reference, order))).toMatchObject({ outcome: "unknown" });
    const found = await ask(kept(reference, order));
    expect(found.body).toMatchObject({
      status: expect.stringMatching(/^(awaiting_payment|paid)$/),
      amount: order.amount,
    });
    expect(found.state).toMatchObject({ tradeNo: expect.stringMatching(/^\d{16,}$/) });
  });

  it.each(["0008", "0013", "0014", "0029"])(
    "of buyer %s that never happened fails, once it surely did not",
    async (digits) => {
      const [reference, order] = [referenceOf(), byAccount(digits)];
      expect(await faultOf(create(reference, order))).toMatchObject({ outcome: "unknown" });
      expect(await faultOf(ask(kept(reference, order)))).toMatchObject({ code: "outcome_unknown", outcome: "unknown" });
      const failed = await ask(kept(reference, order, undefined, longAgoMs));
      expect(failed.body).toMatchObject({ status: "failed", failure: { code: "vendor_rejected" } });
    },
  );

  it("is not taken for a no when the order was paid meanwhile", async () => {
    const { reference, view } = await paidCredit("28763443825660003");
    const fault = await faultOf(create(reference, byCode("28763443825660003")));
    expect(fault).toMatchObject({ outcome: "unknown", vendor: { code: "ACQ.TRADE_HAS_SUCCESS" } });
    expect((await ask(kept(reference, byCode("28763443825660003")))).body.status).toBe("paid");
    expect(view.body.status).toBe("paid");
  });
});

describe("an amount that was not asked", () => {
  it("is never taken for payment", async () => {
    const byTheirCode = await faultOf(create(referenceOf(), byCode("28000000000000005")));
    expect(byTheirCode).toMatchObject({ code: "vendor_invalid_answer", outcome: "unknown" });
    const [reference, order] = [referenceOf(), byAccount("0005")];
    const made = await create(reference, order);
    await seller.told(reference);
    const fault = await faultOf(ask(kept(reference, order, made)));
    expect(fault).toMatchObject({ code: "vendor_invalid_answer", outcome: "unknown" });
  });
});

describe("a refund", () => {
  it("succeeds, and is the same on a repeat", async () => {
    const { view } = await paidCredit("28763443825660004");
    const call = refundCall(referenceOf(), "200.00", view, around);
    const made = await doneOf(refunds.create(call, vendor));
    expect(made).toMatchObject({
      body: { status: "succeeded", amount: { amount: "200.00" } },
      state: { outTradeNo: view.reference },
    });
    const repeated = await doneOf(refunds.create(call, vendor));
    expect(repeated.body).toMatchObject({ status: "succeeded", succeededAt: made.body.succeededAt });
  });

  it("is bounded by what was paid", async () => {
    const { view } = await paidCredit("28763443825660005");
    await doneOf(refunds.create(refundCall(referenceOf(), "999.99", view, around), vendor));
    const more = await faultOf(refunds.create(refundCall(referenceOf(), "0.02", view, around), vendor));
    expect(more).toMatchObject({ code: "refund_exceeds_paid", outcome: "rejected" });
    await doneOf(refunds.create(refundCall(referenceOf(), "0.01", view, around), vendor));
    const closed = await faultOf(refunds.create(refundCall(referenceOf(), "0.01", view, around), vendor));
    expect(closed).toMatchObject({ code: "refund_exceeds_paid", vendor: { code: "ACQ.TRADE_HAS_CLOSE" } });
    expect((await ask(view)).body.status).toBe("paid");
  });

  it("is refused when the seller's balance does not suffice", async () => {
    const { view } = await paidCredit("28000000000000020");
    const fault = await faultOf(refunds.create(refundCall(referenceOf(), "1.00", view, around), vendor));
    expect(fault).toMatchObject({ code: "vendor_rejected", outcome: "rejected" });
  });

  it("that was made though its answer was lost is found by our numbers alone", async () => {
    const { view } = await paidCredit("28000000000000021");
    const call = refundCall(referenceOf(), "1.00", view, around);
    expect(await faultOf(refunds.create(call, vendor))).toMatchObject({ outcome: "unknown" });
    expect((await askRefund(call)).body.status).toBe("succeeded");
  });

  it("is under way until Alipay says that it was made", async () => {
    const { view } = await paidCredit("28000000000000022");
    const call = refundCall(referenceOf(), "1.00", view, around);
    const made = await doneOf(refunds.create(call, vendor));
    expect(made.body.status).toBe("processing");
    expect((await askRefund(call, made)).body.status).toBe("processing");
    await seller.told(view.reference, 2);
    expect((await askRefund(call, made)).body.status).toBe("succeeded");
  });

  it("of another amount is not believed", async () => {
    const { view } = await paidCredit("28000000000000023");
    const call = refundCall(referenceOf(), "1.00", view, around);
    expect(await faultOf(refunds.create(call, vendor))).toMatchObject({
      code: "vendor_invalid_answer",
      outcome: "unknown",
    });
    expect(await faultOf(askRefund(call))).toMatchObject({ code: "vendor_invalid_answer", outcome: "unknown" });
  });

  it("that never reached Alipay fails, once it surely did not", async () => {
    const { view } = await paidCredit("28763443825660006");
    const call = refundCall(referenceOf(), "1.00", view, around);
    expect(await faultOf(askRefund(call))).toMatchObject({ code: "outcome_unknown" });
    expect((await askRefund(call, undefined, longAgoMs)).body).toMatchObject({ status: "failed" });
  });
});

describe("the cashier", () => {
  it("shows the order, and lets a person pay or decline", async () => {
    const page = async (made: { state?: unknown }, action?: string): Promise<string> => {
      const { tradeNo } = made.state as { tradeNo: string };
      const url = `${mock.origin}/cashier/${tradeNo}`;
      const answer = await fetch(
        url,
        action === undefined ? {} : { method: "POST", body: new URLSearchParams({ action }) },
      );
      return answer.text();
    };
    const orders: [string, string, Instalment["status"]][] = [
      ["0001", "pay", "paid"],
      ["0001", "decline", "closed"],
    ];
    for (const [digits, action, status] of orders) {
      const [reference, order] = [referenceOf(), byAccount(digits)];
      const made = await create(reference, order);
      expect(await page(made)).toContain("等待付款");
      expect(await page(made, action)).not.toContain("等待付款");
      expect((await ask(kept(reference, order, made))).body.status).toBe(status);
    }
  });
});

it("left the vendor's spec nowhere", () => {
  expect(mock.violations).toEqual([]);
});
