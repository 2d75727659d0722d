import type { KitFacts, Sample } from "#mocks";
import { json, resource } from "./answers.ts";
import { rotateKeys } from "./bank.ts";
import type { Bank } from "./bank.ts";
import { Refusal } from "./refusals.ts";

const oauth: ReadonlySet<string> = new Set([
  "TokenClientCredentials",
  "TokenAuthorizationCode",
  "TokenRefreshToken",
  "PushAuthorizationRequest",
]);

/** A payment of a magic amount. */
function payment(amount: string): Sample {
  return {
    body: {
      amount: { amount, currency: "GBP" },
      creditor: {
        name: "ACME Inc",
        account: { scheme: "uk_sort_code", sortCode: "080800", accountNumber: "21325698" },
      },
      returnUrl: "https://partner.example/payment/return",
      reference: "INVOICE-1",
    },
  };
}

/** What the conformance kit cannot find out by itself about this bank. */
export function kitFacts(bank: Bank): KitFacts {
  return {
    // The contract's other example is in euro, which this bank refuses.
    samples: { "bankPayments.create": payment("165.88") },
    lies: {
      "bankPayments.create": { amount: [payment("10.24"), payment("10.15")], signature: payment("10.25") },
    },
    customer: { agrees: /approve/i, declines: /deny/i },
    refusal(request, operation, { code, message }) {
      if (oauth.has(operation)) return json(400, { error: code, error_description: message });
      const signed = request.path.includes("/pisp/");
      return resource(bank, request, signed, () => {
        // OAuth's own codes come as a challenge, bare statuses as nothing else.
        if (/^\d{3}$/.test(code)) throw new Refusal(Number(code));
        if (!/^[a-z_]+$/.test(code)) throw new Refusal(400, code, message);
        throw new Refusal(403, undefined, undefined, undefined, { "www-authenticate": `Bearer error="${code}"` });
      });
    },
    // What is only staged moves nothing.
    effects: () => bank.payments.entries().length,
    rotate: () => rotateKeys(bank),
  };
}
