import type { Call, Output, ResourceView } from "#capability";
import type { components } from "./vendor.d.ts";

export type PaymentRequest = Call<"bankPayments.create">["input"]["body"];
type Payment = Output<"bankPayments.get">;
type BankPayment = components["schemas"]["PaymentAnswer"]["Data"];

/**
 * ISO 20022 payment statuses. Settled with the debtor counts as completed. BLCK stays processing: the money has left the
 * debtor, reached nobody, and only the bank can say more.
 */
const statuses: Record<BankPayment["Status"], "processing" | "completed" | "rejected"> = {
  RCVD: "processing",
  PDNG: "processing",
  ACTC: "processing",
  PATC: "processing",
  ACCP: "processing",
  ACFC: "processing",
  ACSP: "processing",
  ACWC: "processing",
  ACWP: "processing",
  BLCK: "processing",
  ACSC: "completed",
  ACCC: "completed",
  RJCT: "rejected",
};

/** The payment as the bank reports it. */
export function progressOf(resource: Pick<ResourceView, "id" | "createdAt" | "request">, bank: BankPayment): Payment {
  const status = statuses[bank.Status];
  if (status === "completed") {
    return paymentBody(resource, status, { completedAt: new Date(bank.StatusUpdateDateTime).toISOString() });
  }
  if (status === "processing") return paymentBody(resource, status);
  const reason = bank.StatusReason?.[0]?.StatusReasonCode;
  return paymentBody(resource, status, {
    failure: {
      code: reason === "AM04" ? "insufficient_funds" : "vendor_rejected",
      detail: reason === "AM04" ? "The account's funds do not suffice." : "The bank rejected the payment.",
      // The bank's free text may name people, so only its code is passed on.
      vendor: { adapter: "openbanking-uk", code: reason ?? bank.Status },
    },
  });
}

/** The resource's body in a status. */
export function paymentBody(
  resource: Pick<ResourceView, "id" | "createdAt" | "request">,
  status: Payment["status"],
  extra: Partial<Payment> = {},
): Payment {
  const request = resource.request as PaymentRequest;
  return {
    id: resource.id,
    status,
    amount: request.amount,
    ...(request.institution !== undefined && { institution: request.institution }),
    reference: request.reference,
    createdAt: resource.createdAt.toISOString(),
    ...extra,
  };
}
