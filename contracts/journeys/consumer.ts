import { isBody } from "./fill.ts";
import { minorUnits } from "./money.ts";
import type { Body, Story } from "./step.ts";

const person = { name: "张三", nationalId: "11010519491231002X" };
const amount = { amount: "1000.00", currency: "CNY" };

/** From an account to a refund: what a consumer lender does with a new customer. */
export const consumer: Story = {
  title: "A consumer: account, identity, face, credit, instalments, refund",
  steps: [
    {
      title: "open an account in the account centre",
      kind: "call",
      method: "POST",
      path: "/v1/customer-accounts",
      body: { ...person, phone: "+8613800138000", email: "zhang.san@example.com", reference: "{run}-account" },
      status: 201,
      expect: { id: /^cac_/, status: "open", accountNumber: /./ },
      saveAs: "account",
    },
    {
      title: "check name and identity number",
      kind: "call",
      method: "POST",
      path: "/v1/identity-checks",
      body: { type: "id_two_factor", ...person, reference: "{run}-id" },
      status: 201,
      expect: { id: /^idc_/, status: "completed", verdict: "match" },
    },
    {
      title: "check the phone as well",
      kind: "call",
      method: "POST",
      path: "/v1/identity-checks",
      body: { type: "phone_three_factor", ...person, phone: "13800138000", reference: "{run}-phone" },
      status: 201,
      expect: { id: /^idc_/, status: "completed", verdict: "match", carrier: "china_mobile" },
    },
    {
      title: "open a face verification",
      kind: "call",
      method: "POST",
      path: "/v1/face-verifications",
      body: { ...person, returnUrl: "https://partner.example/face/return", level: "enhanced", reference: "{run}-face" },
      status: 201,
      expect: { id: /^fcv_/, status: "pending", url: /^http/ },
      saveAs: "face",
    },
    { title: "the customer shows the face", kind: "customer", page: "{face.url}", press: /good face|pass/i },
    {
      title: "the face is verified",
      kind: "wait",
      path: "/v1/face-verifications/{face.id}",
      expect: { status: "verified", similarity: /^\d/ },
      while: ["pending", "unknown"],
      withinSeconds: 10,
    },
    {
      title: "order a credit report",
      kind: "call",
      method: "POST",
      path: "/v1/credit-reports",
      body: {
        subject: {
          firstName: "Jane",
          lastName: "Doe",
          dateOfBirth: "1990-05-12",
          phone: "+14155552671",
          email: "jane.doe@example.com",
          address: {
            street: "100 Market Street",
            city: "San Francisco",
            region: "CA",
            postalCode: "94105",
            country: "US",
          },
        },
        purpose: "credit_extension",
        authorisation: {
          method: "electronic_signature",
          evidenceId: "{run}-authorisation",
          authorisedAt: "{hourAgo}",
          expiresAt: "{in90Days}",
          documentDigest: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        },
        daysRequested: 365,
        reference: "{run}-credit",
      },
      status: 202,
      expect: { id: /^crr_/, status: "processing" },
      saveAs: "credit",
    },
    {
      title: "the bureau calls back: the report is ready",
      kind: "wait",
      path: "/v1/credit-reports/{credit.id}",
      expect: { status: "ready", report: { generatedAt: /Z$/, institutions: { 0: { name: /./ } } } },
      while: ["processing", "unknown"],
      callback: { pauseMs: 1_500, asked: "webhookVerificationKeyGet" },
      withinSeconds: 20,
    },
    {
      title: "quote instalments",
      kind: "call",
      method: "POST",
      path: "/v1/instalment-quotes",
      body: { amount, feeBearer: "customer" },
      status: 200,
      expect: { amount, plans: { 0: { periods: 3 }, 1: { periods: 6 }, 2: { periods: 12 } } },
      check: (quote) => list(quote["plans"]).map(inexact).find(Boolean),
    },
    {
      title: "pay by instalments",
      kind: "call",
      method: "POST",
      path: "/v1/instalments",
      body: {
        amount,
        periods: 6,
        feeBearer: "customer",
        subject: "手机一部",
        payer: { type: "account", accountId: "2088102146225135" },
        reference: "{run}-order",
      },
      status: 201,
      expect: { id: /^ins_/, status: "awaiting_payment", amount, periods: 6 },
      saveAs: "instalment",
    },
    {
      // The sandbox's ordinary buyer confirms in the app after a moment, and the provider notifies the gateway.
      title: "the customer confirms, the provider calls back",
      kind: "wait",
      path: "/v1/instalments/{instalment.id}",
      expect: { status: "paid", amount, paidAt: /Z$/ },
      while: ["awaiting_payment", "unknown"],
      callback: { pauseMs: 1_500, unasked: "alipay.trade.query" },
      withinSeconds: 15,
      check: (instalment) => (isBody(instalment["plan"]) ? inexact(instalment["plan"]) : undefined),
    },
    {
      title: "the webhook tells of it",
      kind: "told",
      type: "instalment.paid",
      about: "{instalment.id}",
      expect: { status: "paid", amount, reference: /-order$/ },
      withinSeconds: 10,
    },
    {
      title: "refund a part",
      kind: "call",
      method: "POST",
      path: "/v1/refunds",
      body: {
        instalmentId: "{instalment.id}",
        amount: { amount: "200.00", currency: "CNY" },
        reason: "商品退货",
        reference: "{run}-refund",
      },
      status: 201,
      expect: { id: /^rfd_/, status: "succeeded", amount: { amount: "200.00", currency: "CNY" } },
      saveAs: "refund",
    },
    {
      title: "read the refund",
      kind: "call",
      method: "GET",
      path: "/v1/refunds/{refund.id}",
      status: 200,
      expect: { status: "succeeded", amount: { amount: "200.00", currency: "CNY" } },
    },
  ],
};

/** Says which sum of a plan is off: principals to the amount paid back without fees, fees, and totals, to the fen. */
function inexact(plan: Body): string | undefined {
  const schedule = list(plan["schedule"]);
  const sum = (member: string): bigint => schedule.reduce((total, entry) => total + minorUnits(entry[member]), 0n);
  const total = minorUnits(plan["totalAmount"]);
  const fee = minorUnits(plan["feeAmount"]);
  if (schedule.length !== plan["periods"]) return `${schedule.length} entries for ${String(plan["periods"])} periods`;
  if (sum("amount") !== total) return `the instalments of ${String(plan["periods"])} periods do not sum to the total`;
  if (sum("fee") !== fee) return `the fees of ${String(plan["periods"])} periods do not sum to the fee`;
  if (sum("principal") !== total - fee) return `the principals of ${String(plan["periods"])} periods do not sum`;
  if (sum("principal") !== minorUnits(amount)) return `the principals do not sum to the amount`;
  return undefined;
}

function list(value: unknown): Body[] {
  return Array.isArray(value) ? value.filter(isBody) : [];
}
