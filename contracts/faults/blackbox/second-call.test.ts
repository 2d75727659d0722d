import { expect, it } from "vitest";
import { newKey, openGateway, registered } from "../../road/gateway.fixture.ts";
import { startProxy } from "./proxy.ts";
import { choicesOf } from "./random.ts";
import { Tally } from "./tally.ts";
import { startBookedVendor } from "./vendor.ts";

/**
 * Found by the black box: a refund that Alipay takes but has yet to make (`fund_change` N) is asked about at once. That
 * question could not be sent; this was taken for the refund's own outcome, the key was given back, and the partner's retry
 * refunded a second time.
 */
it("a question that cannot be sent does not undo the effect before it", async () => {
  const choices = choicesOf(1);
  const vendor = await startBookedVendor(() => [gateway.gateway.origin], choices, new Tally());
  const proxy = await startProxy(vendor.mock.origin, choices, new Tally());
  const key = await newKey();
  const adapters = { "alipay-huabei": { ...vendor.mock.config, baseUrl: proxy.origin } };
  const gateway = await openGateway({ partners: [registered("partner-a", [key])], adapters });
  try {
    const partner = gateway.as(key.jwk);
    const amount = { amount: "10.00", currency: "CNY" };
    const order = { amount, periods: 3, feeBearer: "customer", subject: "one order", reference: "ORDER-1" };
    const payer = { type: "code", code: "28000000000000022" };
    const paid = await partner.request("POST", "/v1/instalments", { body: { ...order, payer } });
    expect(paid.body).toMatchObject({ status: "paid" });
    const { id: instalmentId } = paid.body as { id: string };
    const refund = {
      body: { instalmentId, amount: { amount: "3.00", currency: "CNY" }, reference: "REFUND-1" },
      idempotencyKey: "refund-1",
    };

    // The vendor's door closes behind the answer to the refund, before the question.
    proxy.onNext("answer", () => void setImmediate(() => void proxy.close()));
    const first = await partner.request("POST", "/v1/refunds", refund);
    expect(first).toMatchObject({ status: 202, verified: true, body: { status: "processing" } });
    expect(vendor.ledger()[0]?.refunds).toHaveLength(1);

    await proxy.open();
    const again = await partner.request("POST", "/v1/refunds", refund);
    expect(again.body).toMatchObject({ id: (first.body as { id: string }).id });
    expect(vendor.ledger()[0]?.refunds).toHaveLength(1);
  } finally {
    await gateway.close();
    await proxy.stop();
    await vendor.mock.stop();
  }
});
