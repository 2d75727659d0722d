import { createPrivateKey, generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { CallbackVerdict } from "#capability";
import { callbacks } from "./callbacks.ts";
import { about, faultOf, kept, orderOf, referenceOf } from "./calls.fixture.ts";
import { clientOf } from "./client.fixture.ts";
import { configSchema } from "./config.ts";
import { protocol } from "./protocol.ts";
import { rsa2, signedText } from "./sign.ts";

const encodings = {
  publicKeyEncoding: { type: "spki", format: "der" },
  privateKeyEncoding: { type: "pkcs8", format: "der" },
} as const;
const pair = () => {
  const made = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    ...encodings,
  });
  return { public: made.publicKey.toString("base64"), private: made.privateKey.toString("base64") };
};
const [app, alipay] = [pair(), pair()];
const config = configSchema.parse({
  baseUrl: "https://openapi.alipay.com",
  appId: "2021000000000001",
  appPrivateKey: app.private,
  alipayPublicKey: alipay.public,
  sellerId: "2088101117955611",
  rates: [{ periods: 3, feeBearer: "customer", feeRate: "0.023" }],
});
const vendor = clientOf(config);
const around = { config, callbackUrl: "https://gateway.example/callbacks/alipay-huabei" };
const alipayKey = createPrivateKey({ key: Buffer.from(alipay.private, "base64"), format: "der", type: "pkcs8" });
const reference = referenceOf();

/** captures/alipay/notify-body, as far as it matters. */
const payment: Record<string, string> = {
  gmt_create: "2026-11-22 10:00:00",
  charset: "utf-8",
  subject: "分期手机",
  buyer_id: "2088102146225135",
  fund_bill_list: '[{"amount":"1000.00","fundChannel":"PCREDIT"}]',
  notify_type: "trade_status_sync",
  trade_status: "TRADE_SUCCESS",
  app_id: "2021000000000001",
  seller_id: "2088101117955611",
  gmt_payment: "2026-11-22 10:00:05",
  version: "1.0",
  out_trade_no: reference,
  total_amount: "1000.00",
  trade_no: "2026112222001488",
  passback_params: "100%",
  empty: "",
};

function bodyOf(fields: Record<string, string>, key = alipayKey): URLSearchParams {
  const sign = rsa2(signedText(Object.entries(fields), ["sign", "sign_type"]), key);
  return new URLSearchParams({ ...fields, sign_type: "RSA2", sign });
}

function judge(body: URLSearchParams | string, changes: { method?: string; type?: string } = {}): CallbackVerdict {
  const type = changes.type ?? "application/x-www-form-urlencoded; charset=utf-8";
  const headers = { "content-type": type };
  const request = { method: changes.method ?? "POST", target: "", query: new URLSearchParams(), headers };
  const verdict = callbacks.verify(
    { ...request, body: Buffer.from(body.toString()) },
    { config, now: new Date(), vendor },
  );
  if (verdict instanceof Promise) throw new Error("needs no waiting");
  return verdict;
}

describe("a notification", () => {
  it("finds the order by our number, and keeps nothing of the buyer", () => {
    const verdict = judge(bodyOf(payment));
    expect(verdict).toMatchObject({ verdict: "verified", capability: "instalments", handle: reference });
    expect(JSON.stringify(verdict)).not.toContain("2088102146225135");
  });

  it.each<[string, CallbackVerdict]>([
    ["a changed amount", judge(new URLSearchParams({ ...Object.fromEntries(bodyOf(payment)), total_amount: "1.00" }))],
    ["an added field", judge(`${bodyOf(payment).toString()}&refund_fee=1.00`)],
    ["a field twice", judge(`${bodyOf(payment).toString()}&trade_status=TRADE_CLOSED`)],
    ["no signature", judge(new URLSearchParams({ ...payment, sign_type: "RSA2" }))],
    [
      "the application's own key",
      judge(
        bodyOf(payment, createPrivateKey({ key: Buffer.from(app.private, "base64"), format: "der", type: "pkcs8" })),
      ),
    ],
    [
      "the weak signature type",
      judge(new URLSearchParams({ ...Object.fromEntries(bodyOf(payment)), sign_type: "RSA" })),
    ],
    ["another application", judge(bodyOf({ ...payment, app_id: "2021000000000002" }))],
    ["another seller", judge(bodyOf({ ...payment, seller_id: "2088101117955612" }))],
    ["no order", judge(bodyOf({ ...payment, out_trade_no: "" }))],
    ["a GET", judge(bodyOf(payment), { method: "GET" })],
    ["JSON", judge(bodyOf(payment), { type: "application/json" })],
    ["nothing", judge("")],
  ])("is refused for %s", (_, verdict) => {
    expect(verdict.verdict).toBe("refused");
  });

  it("of a refund is about the refund, never a payment", () => {
    const refund = { ...payment, refund_fee: "10.00", gmt_refund: "2026-11-22 11:00:00.123" };
    const ours = judge(bodyOf({ ...refund, out_biz_no: "0".repeat(32) }));
    expect(ours).toMatchObject({ verdict: "verified", capability: "refunds", handle: "0".repeat(32) });
    expect(judge(bodyOf({ ...refund, out_biz_no: "made by hand" })).verdict).toBe("ignored");
    expect(judge(bodyOf(refund)).verdict).toBe("ignored");
    expect(judge(bodyOf({ ...payment, notify_type: "dut_user_sign" })).verdict).toBe("ignored");
  });

  it("moves the credit to what it says", async () => {
    const statuses = {
      WAIT_BUYER_PAY: "awaiting_payment",
      TRADE_SUCCESS: "paid",
      TRADE_FINISHED: "paid",
      TRADE_CLOSED: "closed",
    };
    for (const [tradeStatus, status] of Object.entries(statuses)) {
      const paidAtLocal = status === "paid" ? { paidAtLocal: "2026-11-22 10:00:05" } : {};
      const outcome = await receive({ tradeStatus, totalAmount: "1000.00", ...paidAtLocal });
      expect(outcome).toMatchObject({ outcome: "done", body: { status } });
      if (status === "paid") expect(outcome).toMatchObject({ body: { paidAt: "2026-11-22T02:00:05.000Z" } });
    }
  });

  it.each([
    ["another amount", { tradeStatus: "TRADE_SUCCESS", totalAmount: "999.99", paidAtLocal: "2026-11-22 10:00:05" }],
    ["no amount", { tradeStatus: "TRADE_SUCCESS", paidAtLocal: "2026-11-22 10:00:05" }],
    ["no time of payment", { tradeStatus: "TRADE_SUCCESS", totalAmount: "1000.00" }],
    ["a status of nobody's", { tradeStatus: "TRADE_PENDING", totalAmount: "1000.00" }],
    ["no status", { totalAmount: "1000.00" }],
  ])("with %s moves nothing", async (_, event) => {
    expect(await faultOf(receive(event))).toMatchObject({ code: "vendor_invalid_answer", outcome: "unknown" });
  });

  it("is answered success only when it was taken or is nothing to us", () => {
    const taken = { result: "accepted", resource: { id: "ins_1", body: {}, request: {} } } as const;
    expect(callbacks.acknowledge(taken)).toMatchObject({ status: 200, body: "success" });
    expect(callbacks.acknowledge({ result: "ignored" })).toMatchObject({ body: "success" });
    for (const result of ["refused", "unmatched", "failed"] as const) {
      expect(callbacks.acknowledge({ result })).toMatchObject({ body: "fail" });
    }
  });
});

function receive(event: object): Promise<unknown> {
  const { instalments } = callbacks.receive;
  if (instalments === undefined) throw new Error("receives instalments");
  const call = about("instalments.get", kept(reference, orderOf()), around);
  return instalments({ ...call, event }, vendor);
}

describe("an answer", () => {
  async function verify(operation: string, text: string): Promise<void> {
    if (typeof protocol.verify !== "function") throw new Error("answers are signed");
    const request = { operation, method: "POST", url: new URL("https://x"), headers: {}, body: undefined };
    const context = { config, reference, attempt: 1, now: new Date(), vendor };
    await protocol.verify({ status: 200, headers: {}, bytes: Buffer.from(text) }, request, context);
  }
  const created = String.raw`{"code":"10000", "msg":"Succe\u0073s","out_trade_no":"1\/2"}`;
  const refusal = '{"code":"40002","msg":"Invalid Arguments","sub_code":"isv.invalid-app-id"}';
  const signed = (key: string, value: string) => `{"${key}":${value},"sign":"${rsa2(value, alipayKey)}"}`;

  it("is believed when its exact text is signed, refusals too", async () => {
    await expect(
      verify("alipay.trade.create", signed("alipay_trade_create_response", created)),
    ).resolves.toBeUndefined();
    await expect(verify("alipay.trade.create", signed("error_response", refusal))).resolves.toBeUndefined();
  });

  it("without a signature is believed only if it refuses a question", async () => {
    for (const operation of ["alipay.trade.query", "alipay.trade.fastpay.refund.query"]) {
      await expect(verify(operation, `{"error_response":${refusal}}`)).resolves.toBeUndefined();
    }
  });

  it.each([
    ["an unsigned success", "alipay.trade.create", `{"alipay_trade_create_response":${created}}`],
    [
      "an unsigned refusal of a question, under its own name",
      "alipay.trade.query",
      `{"alipay_trade_query_response":${refusal}}`,
    ],
    ["an unsigned refusal of what has an effect", "alipay.trade.refund", `{"error_response":${refusal}}`],
    [
      "a text that was written anew",
      "alipay.trade.create",
      signed("alipay_trade_create_response", created).replace("10000", "10001"),
    ],
    ["another operation's answer", "alipay.trade.refund", signed("alipay_trade_create_response", created)],
    [
      "a second, unsigned response",
      "alipay.trade.create",
      signed("alipay_trade_create_response", created).replace("{", `{"error_response":${refusal},`),
    ],
    ["an HTML page", "alipay.trade.create", "<html>502</html>"],
  ])("is refused for %s", async (_, operation, text) => {
    expect(await faultOf(verify(operation, text))).toMatchObject({ code: "vendor_invalid_answer", outcome: "unknown" });
  });
});

describe("the configuration", () => {
  it("has no keys, rates or identity by default, and takes no weak key", () => {
    const parse = (changes: object) => configSchema.safeParse({ ...config, ...changes }).success;
    expect(parse({})).toBe(true);
    for (const name of ["baseUrl", "appId", "appPrivateKey", "alipayPublicKey", "rates"]) {
      expect(parse({ [name]: undefined })).toBe(false);
    }
    const weak = generateKeyPairSync("rsa", {
      modulusLength: 1024,
      ...encodings,
    });
    expect(parse({ appPrivateKey: weak.privateKey.toString("base64").padEnd(1_000, "\n") })).toBe(false);
    expect(parse({ alipayPublicKey: alipay.private })).toBe(false);
    expect(parse({ appPrivateKey: `-----BEGIN PRIVATE KEY-----\n${app.private}\n-----END PRIVATE KEY-----\n` })).toBe(
      true,
    );
  });
});
