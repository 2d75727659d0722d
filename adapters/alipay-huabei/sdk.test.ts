import { generateKeyPairSync, randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { AlipaySdk } from "alipay-sdk";
import type { AlipaySdkConfig } from "alipay-sdk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startMock } from "#mocks";
import type { RunningMock } from "#mocks";
import definition from "./mock.ts";
import { startSeller } from "./seller.fixture.ts";
import type { Seller } from "./seller.fixture.ts";

// The SDK stamps its requests with the machine's local time; the vendor reads GMT+8.
const machineZone = process.env["TZ"];
const verified = { validateSign: true };
const ordinaryBuyer = "2088102146225135";
const ordinaryCode = "28763443825664394";

let mock: RunningMock;
let seller: Seller;
let sdk: AlipaySdk;

beforeAll(async () => {
  process.env["TZ"] = "Asia/Shanghai";
  [mock, seller] = await Promise.all([startMock(definition), startSeller()]);
  sdk = new AlipaySdk(mock.credentials as unknown as AlipaySdkConfig);
});
afterAll(async () => {
  if (machineZone === undefined) delete process.env["TZ"];
  else process.env["TZ"] = machineZone;
  await Promise.all([mock.stop(), seller.stop()]);
});

const orderNo = (): string => randomBytes(16).toString("hex");

function order(outTradeNo: string, changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    outTradeNo,
    totalAmount: "1200.00",
    subject: "分期手机",
    buyerId: ordinaryBuyer,
    // Named as on the wire: the SDK's snake case leaves these alone.
    extendParams: { hb_fq_num: "6", hb_fq_seller_percent: "0" },
    ...changes,
  };
}

const create = (outTradeNo: string, changes?: Record<string, unknown>) =>
  sdk.exec("alipay.trade.create", { notifyUrl: seller.url, bizContent: order(outTradeNo, changes) }, verified);
const query = (outTradeNo: string) => {
  const bizContent = { outTradeNo, queryOptions: ["fund_bill_list", "hb_fq_pay_info"] };
  return sdk.exec("alipay.trade.query", { bizContent }, verified);
};
const pay = (outTradeNo: string, authCode: string) => {
  const { buyerId: _, ...rest } = order(outTradeNo);
  const bizContent = { ...rest, scene: "bar_code", authCode };
  return sdk.exec("alipay.trade.pay", { notifyUrl: seller.url, bizContent }, verified);
};
const refund = (outTradeNo: string, outRequestNo: string, refundAmount: string) =>
  sdk.exec("alipay.trade.refund", { bizContent: { outTradeNo, outRequestNo, refundAmount } }, verified);
const refundQuery = (outTradeNo: string, outRequestNo: string) => {
  const bizContent = { outTradeNo, outRequestNo, queryOptions: ["gmt_refund_pay", "refund_detail_item_list"] };
  return sdk.exec("alipay.trade.fastpay.refund.query", { bizContent }, verified);
};

describe("alipay-sdk 4.14.0 against the mock, verifying every answer", () => {
  it("creates a trade, is told of its payment with a genuine signature, and reads it", async () => {
    const no = orderNo();
    const created = await create(no);
    expect(created).toMatchObject({ code: "10000", msg: "Success", outTradeNo: no });
    expect(created.traceId).toMatch(/^\d{16,}$/);
    expect(await query(no)).toMatchObject({ code: "10000", tradeStatus: "WAIT_BUYER_PAY", totalAmount: "1200.00" });

    const [told] = await seller.told(no);
    expect(told?.form).toMatchObject({
      trade_status: "TRADE_SUCCESS",
      total_amount: "1200.00",
      notify_type: "trade_status_sync",
    });
    expect(told?.form["fund_bill_list"]).toContain('"fundChannel":"PCREDIT"');
    expect(sdk.checkNotifySignV2(told?.form)).toBe(true);
    expect(sdk.checkNotifySignV2({ ...told?.form, total_amount: "1.00" })).toBe(false);

    expect(await query(no)).toMatchObject({
      tradeStatus: "TRADE_SUCCESS",
      tradeNo: created["tradeNo"],
      fundBillList: [{ fundChannel: "PCREDIT", amount: "1200.00" }],
      hbFqPayInfo: { userInstallNum: "6", fqAmount: "1200.00" },
      sendPayDate: told?.form["gmt_payment"],
    });
  });

  it("gets the same trade for the same order, and the vendor's refusals for another", async () => {
    const no = orderNo();
    const first = await create(no);
    expect(await create(no)).toMatchObject({ code: "10000", tradeNo: first["tradeNo"] });
    expect(await create(no, { totalAmount: "1200.01" })).toMatchObject({
      code: "40004",
      msg: "Business Failed",
      subCode: "ACQ.CONTEXT_INCONSISTENT",
      subMsg: "交易信息被篡改",
    });
    expect(await create(no, { buyerId: "2088102146225136" })).toMatchObject({ subCode: "ACQ.TRADE_BUYER_NOT_MATCH" });
    await seller.told(no);
    expect(await create(no)).toMatchObject({ subCode: "ACQ.TRADE_HAS_SUCCESS" });
    expect(await create(orderNo(), { buyerId: "2088000000000003" })).toMatchObject({
      subCode: "ACQ.BUYER_BALANCE_NOT_ENOUGH",
    });
  });

  it("charges a payment code at once, or after the buyer confirmed (10003), and only a good one", async () => {
    const [paid, waits, bad, again] = [orderNo(), orderNo(), orderNo(), orderNo()];
    expect(await pay(paid, ordinaryCode)).toMatchObject({ code: "10000", outTradeNo: paid, totalAmount: "1200.00" });
    expect(await pay(again, ordinaryCode)).toMatchObject({ subCode: "ACQ.PAYMENT_AUTH_CODE_INVALID" });
    expect(await pay(bad, "11111111111111111")).toMatchObject({ subCode: "ACQ.PAYMENT_AUTH_CODE_INVALID" });
    expect(await pay(waits, "28000000000000019")).toMatchObject({ code: "10003", msg: "order success pay inprocess" });
    await seller.told(waits);
    expect(await query(waits)).toMatchObject({ tradeStatus: "TRADE_SUCCESS" });
  });

  it("closes a trade that waits, and only such a one", async () => {
    const [waits, paid] = [orderNo(), orderNo()];
    await create(waits, { buyerId: "2088000000000001" });
    const close = (outTradeNo: string) => sdk.exec("alipay.trade.close", { bizContent: { outTradeNo } }, verified);
    expect(await close(waits)).toMatchObject({ code: "10000", outTradeNo: waits });
    expect(await close(waits)).toMatchObject({ subCode: "ACQ.TRADE_STATUS_ERROR" });
    expect(await query(waits)).toMatchObject({ tradeStatus: "TRADE_CLOSED" });
    expect(await create(waits, { buyerId: "2088000000000001" })).toMatchObject({ subCode: "ACQ.TRADE_HAS_CLOSE" });
    await pay(paid, "28763443825664395");
    expect(await close(paid)).toMatchObject({ subCode: "ACQ.TRADE_STATUS_ERROR" });
    expect(await close(orderNo())).toMatchObject({ subCode: "ACQ.TRADE_NOT_EXIST" });
  });

  it("refunds once per number, never more than was paid, and is told of it", async () => {
    const no = orderNo();
    expect(await refund(no, "RF0", "1.00")).toMatchObject({ subCode: "ACQ.TRADE_NOT_EXIST" });
    await pay(no, "28763443825664396");
    expect(await refundQuery(no, "RF1")).not.toHaveProperty("refundStatus");
    expect(await refund(no, "RF1", "200.00")).toMatchObject({ code: "10000", fundChange: "Y", refundFee: "200.00" });
    expect(await refund(no, "RF1", "200.00")).toMatchObject({ code: "10000", fundChange: "N", refundFee: "200.00" });
    expect(await refund(no, "RF1", "201.00")).toMatchObject({ subCode: "ACQ.DISCORDANT_REPEAT_REQUEST" });
    expect(await refund(no, "RF2", "1000.01")).toMatchObject({ subCode: "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL" });
    expect(await refund(no, "RF2", "1000.00")).toMatchObject({ fundChange: "Y", refundFee: "1200.00" });
    expect(await refund(no, "RF3", "0.01")).toMatchObject({ subCode: "ACQ.TRADE_HAS_CLOSE" });
    expect(await refundQuery(no, "RF1")).toMatchObject({
      refundStatus: "REFUND_SUCCESS",
      refundAmount: "200.00",
      totalAmount: "1200.00",
      refundDetailItemList: [{ fundChannel: "PCREDIT", amount: "200.00" }],
    });
    const told = await seller.told(no, 3);
    const first = told.find(({ form }) => form["out_biz_no"] === "RF1")?.form;
    expect(first).toHaveProperty("gmt_refund");
    expect(sdk.checkNotifySignV2(first)).toBe(true);
  });

  it("is refused with the vendor's words for a wrong key, a wrong application and a wrong clock", async () => {
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const foreign = privateKey.export({ type: "pkcs8", format: "der" }).toString("base64");
    const other = (changes: object) =>
      new AlipaySdk({ ...(mock.credentials as unknown as AlipaySdkConfig), ...changes });
    const bizContent = { outTradeNo: orderNo() };

    const wrongKey = await other({ privateKey: foreign }).exec("alipay.trade.query", { bizContent }, verified);
    expect(wrongKey).toMatchObject({ code: "40002", subCode: "isv.invalid-signature" });
    expect(wrongKey["subMsg"]).toContain(`biz_content={"out_trade_no":"${bizContent.outTradeNo}"}&amp;charset=utf-8`);

    const stranger = await other({ appId: "2021000000009999" }).exec("alipay.trade.query", { bizContent });
    expect(stranger).toMatchObject({ code: "40002", subCode: "isv.invalid-app-id" });

    const late = await sdk.exec("alipay.trade.query", { bizContent, timestamp: "2020-01-01 00:00:00" }, verified);
    expect(late).toMatchObject({ subCode: "isv.invalid-timestamp" });
  });

  it("refuses an answer whose signature is somebody else's", async () => {
    await expect(create(orderNo(), { buyerId: "2088000000000015" })).rejects.toThrow(/验签失败/);
  });

  it("is told again until it says success", async () => {
    const no = orderNo();
    seller.answers.push("fail", "success ");
    await pay(no, "28763443825664397");
    const told = await seller.told(no, 3);
    expect(new Set(told.map(({ form }) => form["notify_id"])).size).toBe(1);
    expect(told.every(({ form }) => sdk.checkNotifySignV2(form))).toBe(true);
    await sleep(700);
    expect(await seller.told(no, 3)).toHaveLength(3);
  });

  it("left the vendor's spec nowhere", () => {
    expect(mock.exchanges.length).toBeGreaterThan(30);
    expect(mock.violations).toEqual([]);
  });
});
