import type { Bank, Payment } from "./bank.ts";
import { magicOf } from "./magic.ts";

/** Received, then in settlement, then settled: each step takes this long. */
const stepMs = 400;

interface Progress {
  Status: string;
  sinceMs: number;
  StatusReason?: { StatusReasonCode: string; StatusReasonDescription: string }[];
}

/** Where a payment stands, by the time since it was made: RCVD, ACSP, ACSC, unless its amount says otherwise. */
function progress(payment: Payment, nowMs: number): Progress {
  const { createdAtMs } = payment;
  const elapsedMs = nowMs - createdAtMs;
  const magic = magicOf("payment", payment.initiation);
  if (magic === "no_funds") return refusal(createdAtMs, "AM04", "Insufficient funds");
  if (elapsedMs < stepMs) return { Status: "RCVD", sinceMs: createdAtMs };
  if (magic === "pending") return { Status: "PDNG", sinceMs: createdAtMs + stepMs };
  if (magic === "rejected") return refusal(createdAtMs + stepMs, "AC04", "The account was closed");
  if (elapsedMs < 2 * stepMs) return { Status: "ACSP", sinceMs: createdAtMs + stepMs };
  return { Status: "ACSC", sinceMs: createdAtMs + 2 * stepMs };
}

function refusal(sinceMs: number, StatusReasonCode: string, StatusReasonDescription: string): Progress {
  return { Status: "RJCT", sinceMs, StatusReason: [{ StatusReasonCode, StatusReasonDescription }] };
}

/** A payment as the standard shows it. */
export function paymentBody(bank: Bank, payment: Payment): object {
  const { sinceMs, ...status } = progress(payment, bank.now().getTime());
  return {
    Data: {
      DomesticPaymentId: payment.id,
      ConsentId: payment.consentId,
      CreationDateTime: new Date(payment.createdAtMs).toISOString(),
      ...status,
      StatusUpdateDateTime: new Date(sinceMs).toISOString(),
      Initiation: payment.initiation,
    },
    Links: { Self: `${bank.issuer}/open-banking/v4.0/pisp/domestic-payments/${payment.id}` },
    Meta: {},
  };
}
