import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { byAccount, byCode, creation, faultOf, kept, orderOf, referenceOf } from "./calls.fixture.ts";
import type { Instalment } from "./calls.fixture.ts";
import { instalments } from "./instalments.ts";
import { longAgoMs, startWorld } from "./world.fixture.ts";
import type { World } from "./world.fixture.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

describe("an instalment credit", () => {
  it("waits for the customer, then is paid", async () => {
    const [reference, order] = [referenceOf(), orderOf()];
    const made = await world.create(reference, order);
    expect(made.body).toMatchObject({ id: "ins_1", status: "awaiting_payment", periods: 3, reference: "ORDER-1" });
    expect(made.body.plan?.feeAmount).toEqual({ amount: "23.00", currency: "CNY" });
    expect(made.handles).toHaveLength(1);
    const waiting = await world.ask(kept(reference, order, made));
    expect(waiting.body).toMatchObject({ status: "awaiting_payment", expiresAt: made.body.expiresAt });
    expect(waiting.state).toBeUndefined();
    await world.seller.told(reference);
    const paid = await world.ask(kept(reference, order, made));
    expect(paid.body.status).toBe("paid");
    expect(Math.abs(Date.parse(paid.body.paidAt ?? "") - Date.now())).toBeLessThan(10_000);
    expect(paid.body.plan).toEqual(made.body.plan);
  });

  it("is paid at once by a payment code, or waits after 10003", async () => {
    expect((await world.paidCredit("28763443825660001")).view.body).toMatchObject({ status: "paid" });
    const order = byCode("28000000000000019");
    expect((await world.create(referenceOf(), order)).body).toMatchObject({ status: "awaiting_payment" });
  });

  it("tells Alipay the terms of the partner's order", async () => {
    const [reference, order] = [referenceOf(), orderOf({ feeBearer: "merchant", periods: 12, expiresInMinutes: 90 })];
    await world.create(reference, order);
    const sent = world.mock.exchanges.findLast(({ request }) => request.body.includes(reference));
    const content: unknown = JSON.parse(new URLSearchParams(sent?.request.body.toString()).get("biz_content") ?? "");
    expect(content).toEqual({
      out_trade_no: reference,
      total_amount: "1000.00",
      subject: "手机一部",
      buyer_id: "2088102146225135",
      extend_params: { hb_fq_num: "12", hb_fq_seller_percent: "100" },
      timeout_express: "90m",
    });
    expect(sent?.request.query.get("notify_url")).toBe(world.seller.url);
  });

  it("is closed when cancelled, again too, but not once it is paid", async () => {
    const [reference, order] = [referenceOf(), byAccount("0001")];
    const view = kept(reference, order, await world.create(reference, order));
    expect((await world.cancel(view)).body.status).toBe("closed");
    expect((await world.cancel(view)).body.status).toBe("closed");
    expect((await world.ask(view)).body.status).toBe("closed");
    const paid = await world.paidCredit("28763443825660002");
    const fault = await faultOf(world.cancel(paid.view));
    expect(fault).toMatchObject({ code: "resource_state_conflict", outcome: "rejected" });
  });

  it("is closed when the customer declines", async () => {
    const [reference, order] = [referenceOf(), byAccount("0002")];
    const made = await world.create(reference, order);
    await world.seller.told(reference);
    expect((await world.ask(kept(reference, order, made))).body.status).toBe("closed");
  });

  it.each([
    ["0003", "insufficient_funds", "ACQ.BUYER_BALANCE_NOT_ENOUGH"],
    ["0004", "payer_rejected", "ACQ.BUYER_ENABLE_STATUS_FORBID"],
    ["0030", "payer_rejected", "ACQ.PAYMENT_AUTH_CODE_INVALID"],
  ])("is refused for buyer %s as %s", async (digits, code, said) => {
    const fault = await faultOf(world.create(referenceOf(), byAccount(digits)));
    expect(fault).toMatchObject({ code, outcome: "rejected", vendor: { code: said } });
  });

  it("is not sent where the contract has no such plan, and refused for another currency or scale", async () => {
    const only3 = {
      ...world.around,
      config: { ...world.config, rates: world.config.rates.filter((rate) => rate.periods === 3) },
    };
    const sent = world.mock.exchanges.length;
    const none = faultOf(instalments.create(creation(referenceOf(), orderOf({ periods: 6 }), only3), world.vendor));
    expect(await none).toMatchObject({ code: "operation_unsupported", outcome: "not_sent" });
    for (const amount of [
      { amount: "10.00", currency: "USD" },
      { amount: "10.001", currency: "CNY" },
      { amount: "100000000.01", currency: "CNY" },
    ]) {
      const fault = await faultOf(world.create(referenceOf(), orderOf({ amount })));
      expect(fault).toMatchObject({ code: "amount_out_of_range", outcome: "rejected" });
    }
    expect(world.mock.exchanges.length).toBe(sent);
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
    expect(await faultOf(world.create(reference, order))).toMatchObject({ outcome: "unknown" });
    const found = await world.ask(kept(reference, order));
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
      expect(await faultOf(world.create(reference, order))).toMatchObject({ outcome: "unknown" });
      expect(await faultOf(world.ask(kept(reference, order)))).toMatchObject({
        code: "outcome_unknown",
        outcome: "unknown",
      });
      const failed = await world.ask(kept(reference, order, undefined, longAgoMs));
      expect(failed.body).toMatchObject({ status: "failed", failure: { code: "vendor_rejected" } });
    },
  );

  it("is not taken for a no when the order was paid meanwhile", async () => {
    const { reference, view } = await world.paidCredit("28763443825660003");
    const fault = await faultOf(world.create(reference, byCode("28763443825660003")));
    expect(fault).toMatchObject({ outcome: "unknown", vendor: { code: "ACQ.TRADE_HAS_SUCCESS" } });
    expect((await world.ask(kept(reference, byCode("28763443825660003")))).body.status).toBe("paid");
    expect(view.body.status).toBe("paid");
  });
});

describe("an amount that was not asked", () => {
  it("is never taken for payment", async () => {
    const byTheirCode = await faultOf(world.create(referenceOf(), byCode("28000000000000005")));
    expect(byTheirCode).toMatchObject({ code: "vendor_invalid_answer", outcome: "unknown" });
    const [reference, order] = [referenceOf(), byAccount("0005")];
    const made = await world.create(reference, order);
    await world.seller.told(reference);
    const fault = await faultOf(world.ask(kept(reference, order, made)));
    expect(fault).toMatchObject({ code: "vendor_invalid_answer", outcome: "unknown" });
  });
});

describe("the cashier", () => {
  it("shows the order, and lets a person pay or decline", async () => {
    const page = async (made: { state?: unknown }, action?: string): Promise<string> => {
      const { tradeNo } = made.state as { tradeNo: string };
      const url = `${world.mock.origin}/cashier/${tradeNo}`;
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
      const made = await world.create(reference, order);
      expect(await page(made)).toContain("等待付款");
      expect(await page(made, action)).not.toContain("等待付款");
      expect((await world.ask(kept(reference, order, made))).body.status).toBe(status);
    }
  });
});

it("left the vendor's spec nowhere", () => {
  expect(world.mock.violations).toEqual([]);
});
