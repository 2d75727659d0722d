import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { doneOf, faultOf, referenceOf, refundCall } from "./calls.fixture.ts";
import { refunds } from "./refunds.ts";
import { longAgoMs, startWorld } from "./world.fixture.ts";
import type { World } from "./world.fixture.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

describe("a refund", () => {
  it("succeeds, and is the same on a repeat", async () => {
    const { view } = await world.paidCredit("28763443825660004");
    const call = refundCall(referenceOf(), "200.00", view, world.around);
    const made = await doneOf(refunds.create(call, world.vendor));
    expect(made).toMatchObject({
      body: { status: "succeeded", amount: { amount: "200.00" } },
      state: { outTradeNo: view.reference },
    });
    const repeated = await doneOf(refunds.create(call, world.vendor));
    expect(repeated.body).toMatchObject({ status: "succeeded", succeededAt: made.body.succeededAt });
  });

  it("is bounded by what was paid", async () => {
    const { view } = await world.paidCredit("28763443825660005");
    await doneOf(refunds.create(refundCall(referenceOf(), "999.99", view, world.around), world.vendor));
    const more = await faultOf(refunds.create(refundCall(referenceOf(), "0.02", view, world.around), world.vendor));
    expect(more).toMatchObject({ code: "refund_exceeds_paid", outcome: "rejected" });
    await doneOf(refunds.create(refundCall(referenceOf(), "0.01", view, world.around), world.vendor));
    const closed = await faultOf(refunds.create(refundCall(referenceOf(), "0.01", view, world.around), world.vendor));
    expect(closed).toMatchObject({ code: "refund_exceeds_paid", vendor: { code: "ACQ.TRADE_HAS_CLOSE" } });
    expect((await world.ask(view)).body.status).toBe("paid");
  });

  it("is refused when the seller's balance does not suffice", async () => {
    const { view } = await world.paidCredit("28000000000000020");
    const fault = await faultOf(refunds.create(refundCall(referenceOf(), "1.00", view, world.around), world.vendor));
    expect(fault).toMatchObject({ code: "vendor_rejected", outcome: "rejected" });
  });

  it("that was made though its answer was lost is found by our numbers alone", async () => {
    const { view } = await world.paidCredit("28000000000000021");
    const call = refundCall(referenceOf(), "1.00", view, world.around);
    expect(await faultOf(refunds.create(call, world.vendor))).toMatchObject({ outcome: "unknown" });
    expect((await world.askRefund(call)).body.status).toBe("succeeded");
  });

  it("is under way until Alipay says that it was made", async () => {
    const { view } = await world.paidCredit("28000000000000022");
    const call = refundCall(referenceOf(), "1.00", view, world.around);
    const made = await doneOf(refunds.create(call, world.vendor));
    expect(made.body.status).toBe("processing");
    expect((await world.askRefund(call, made)).body.status).toBe("processing");
    await world.seller.told(view.reference, 2);
    expect((await world.askRefund(call, made)).body.status).toBe("succeeded");
  });

  it("of another amount is not believed", async () => {
    const { view } = await world.paidCredit("28000000000000023");
    const call = refundCall(referenceOf(), "1.00", view, world.around);
    expect(await faultOf(refunds.create(call, world.vendor))).toMatchObject({
      code: "vendor_invalid_answer",
      outcome: "unknown",
    });
    expect(await faultOf(world.askRefund(call))).toMatchObject({ code: "vendor_invalid_answer", outcome: "unknown" });
  });

  it("that never reached Alipay fails, once it surely did not", async () => {
    const { view } = await world.paidCredit("28763443825660006");
    const call = refundCall(referenceOf(), "1.00", view, world.around);
    expect(await faultOf(world.askRefund(call))).toMatchObject({ code: "outcome_unknown" });
    expect((await world.askRefund(call, undefined, longAgoMs)).body).toMatchObject({ status: "failed" });
  });
});

it("left the vendor's spec nowhere", () => {
  expect(world.mock.violations).toEqual([]);
});
