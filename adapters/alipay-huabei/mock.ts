import { defineMock } from "#mocks";
import type { WireAnswer } from "#mocks";
import { behaviourOf, buyerOfCode, slowAnswerMs } from "./mock/buyers.ts";
import { cashier } from "./mock/cashier.ts";
import { createGateway } from "./mock/gateway.ts";
import type { Accepted, Said } from "./mock/gateway.ts";
import { makeApp } from "./mock/keys.ts";
import { kitFacts } from "./mock/kit.ts";
import { createNotifier } from "./mock/notify.ts";
import { createPayments } from "./mock/payments.ts";
import { giveBack, queryRefund } from "./mock/refunds.ts";
import { createTrades } from "./mock/trades.ts";
import { refusal, success } from "./mock/words.ts";

const methods = [
  "alipay.trade.create",
  "alipay.trade.pay",
  "alipay.trade.query",
  "alipay.trade.close",
  "alipay.trade.refund",
  "alipay.trade.fastpay.refund.query",
];

/** The rates of the sandbox's seller; a real contract has its own. */
const sandboxRates = [
  { periods: 3, feeBearer: "customer", feeRate: "0.023" },
  { periods: 6, feeBearer: "customer", feeRate: "0.045" },
  { periods: 12, feeBearer: "customer", feeRate: "0.075" },
  { periods: 3, feeBearer: "merchant", feeRate: "0.018" },
  { periods: 6, feeBearer: "merchant", feeRate: "0.045" },
  { periods: 12, feeBearer: "merchant", feeRate: "0.075" },
];

/** Alipay's gateway.do for one application, with its buyers. Magic values: README. */
export default defineMock({
  adapter: "alipay-huabei",
  title: "Alipay Huabei instalments (花呗分期)",
  spec: new URL("./vendor.openapi.yaml", import.meta.url),

  async create(context) {
    const app = await context.keep("app", makeApp);
    const gateway = createGateway(app, context.now);
    const trades = createTrades(context, app.sellerId);
    const notifier = createNotifier(context, gateway, app);
    const payments = createPayments(context, trades, notifier);
    const around = { trades, notifier, now: context.now, later: context.later };
    // Buyers that had yet to act when the sandbox stopped.
    for (const trade of trades.waiting()) payments.await(trade);

    /** Both ways to begin a trade. The buyer's magic decides what goes wrong, before the trade is made or the first time after. */
    async function begin(operation: string, accepted: Accepted): Promise<WireAnswer> {
      const { content } = accepted;
      const code = operation === "alipay.trade.pay" ? String(content["auth_code"] ?? "") : undefined;
      const buyer = code === undefined ? String(content["buyer_id"] ?? "") : (buyerOfCode(code) ?? "");
      const { fault, systemError, badSignature, early, confirms, acts, slow } = behaviourOf(buyer);
      if (systemError === "before") return gateway.answer(operation, refusal("ACQ.SYSTEM_ERROR"));
      if (fault?.when === "before")
        return { ...gateway.answer(operation, refusal("ACQ.SYSTEM_ERROR")), fault: fault.how };
      const opened = trades.open(accepted, code);
      if ("refused" in opened) return gateway.answer(operation, refusal(opened.refused));
      const { trade, isNew } = opened;
      const paysAtOnce = early === true || (code !== undefined && confirms !== true && acts === undefined);
      if (isNew && paysAtOnce) await payments.pay(trade);
      else if (isNew) payments.await(trade);

      const numbers = { out_trade_no: trade.outTradeNo, trade_no: trade.tradeNo };
      const said: Said =
        code === undefined ? { ...success, ...numbers } : payments.told(trades.byTradeNo(trade.tradeNo) ?? trade);
      if (!isNew) return gateway.answer(operation, said);
      if (systemError === "after") return gateway.answer(operation, refusal("ACQ.SYSTEM_ERROR"));
      if (badSignature !== undefined) return gateway.badlySigned(operation, said, badSignature);
      const answer = gateway.answer(operation, said);
      if (fault !== undefined) return { ...answer, fault: fault.how };
      return slow ? { ...answer, delayMs: slowAnswerMs } : answer;
    }

    function answerRefund(operation: string, { content }: Accepted): WireAnswer {
      const { said, isNew, trade } = giveBack(content, around);
      const answer = gateway.answer(operation, said);
      const lost = isNew && trade !== undefined && behaviourOf(trade.buyerId).refund === "answer_lost";
      return lost ? { ...answer, fault: "reset" } : answer;
    }

    return {
      credentials: {
        appId: app.appId,
        privateKey: app.appPrivateKey,
        keyType: "PKCS8",
        alipayPublicKey: app.alipayPublicKey,
        gateway: `${context.origin}/gateway.do`,
      },
      config: {
        baseUrl: context.origin,
        appId: app.appId,
        appPrivateKey: app.appPrivateKey,
        alipayPublicKey: app.alipayPublicKey,
        sellerId: app.sellerId,
        rates: sandboxRates,
      },
      operationOf({ path, method, query }) {
        const wanted = query.get("method") ?? "";
        return path === "/gateway.do" && method === "POST" && methods.includes(wanted) ? wanted : undefined;
      },
      async handle(request, operation) {
        const judged = gateway.receive(request);
        if ("answer" in judged) return judged.answer;
        const { accepted } = judged;
        switch (operation) {
          case "alipay.trade.create":
          case "alipay.trade.pay":
            return begin(operation, accepted);
          case "alipay.trade.refund":
            return answerRefund(operation, accepted);
          case "alipay.trade.close":
            return gateway.answer(operation, payments.close(accepted.content));
          case "alipay.trade.query":
            return gateway.answer(operation, payments.query(accepted.content));
          default:
            return gateway.answer(operation, queryRefund(accepted.content, trades));
        }
      },
      notFound: ({ path, query }) => {
        if (path !== "/gateway.do") return { status: 404, headers: { "content-type": "text/html" }, body: "Not Found" };
        const method = query.get("method");
        const code = method === null ? "40001" : "40002";
        const [subCode, subMsg] =
          method === null ? ["isv.missing-method", "缺少方法名参数"] : ["isv.invalid-method", "不存在的方法名"];
        const msg = method === null ? "Missing Required Arguments" : "Invalid Arguments";
        return gateway.stranger({ code, msg, sub_code: subCode, sub_msg: subMsg });
      },
      page: (request) =>
        cashier(request, {
          find: (tradeNo) => trades.byTradeNo(tradeNo),
          pay: payments.pay,
          decline: payments.decline,
        }),
      kit: kitFacts(gateway, () => trades.effects()),
    };
  },
});
