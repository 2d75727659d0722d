import type { KitFacts, Sample } from "#mocks";
import type { Gateway } from "./gateway.ts";

/** An order by a magic buyer's account. */
function by(accountId: string): Sample {
  return { body: order({ type: "account", accountId }), keep: ["/payer/accountId"] };
}

function order(payer: Record<string, string>): Record<string, unknown> {
  return {
    amount: { amount: "1000.00", currency: "CNY" },
    periods: 3,
    feeBearer: "customer",
    subject: "手机一部",
    payer,
    reference: "ORDER-1",
  };
}

const neverPays = by("2088000000000001");
const ordinary: Sample = { body: order({ type: "code", code: "281234567890123456" }) };

/** What the conformance kit cannot find out by itself about this vendor. */
export function kitFacts(gateway: Gateway, effects: () => number): KitFacts {
  return {
    samples: {
      "instalments.get": { on: neverPays },
      "instalments.cancel": { on: neverPays },
      "refunds.create": { on: ordinary },
      "refunds.get": { on: { on: by("2088000000000022") } },
    },
    lies: {
      "instalments.create": { amount: by("2088000000000005"), signature: by("2088000000000015") },
      "refunds.create": { amount: { on: by("2088000000000023") } },
    },
    refusal: (_request, operation, { code, message }) =>
      gateway.answer(
        operation,
        /^\d+$/.test(code)
          ? { code, msg: message }
          : { code: "40004", msg: "Business Failed", sub_code: code, sub_msg: message },
      ),
    effects,
    callbacks: { samples: { refunds: { on: by("2088000000000022") } } },
  };
}
