/** Calls with personal data in every place that the contract has for it: ones that succeed, and ones that fail in many ways. */

type Body = Record<string, unknown>;

export interface PersonalCall {
  operationId: string;
  path: string;
  /** With `$kind` where a canary goes. */
  body: Body;
  /** What it must be answered, where the call is about that. */
  status?: number;
}

const returnUrl = "https://partner.example/return";
const inDays = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString();
let references = 0;
const referenced = (body: Body): Body => ({ ...body, reference: `quiet-${(references += 1)}` });

const check = (name: string, more: Body = {}): Body =>
  referenced({ type: "id_two_factor", name, nationalId: "$nationalId", ...more });
const phoneCheck = (name: string): Body => check(name, { type: "phone_three_factor", phone: "$mobile" });
const cardCheck = (name: string): Body =>
  check(name, { type: "bank_card_four_factor", phone: "$mobile", bankCardNumber: "$card" });

const subject: Body = {
  firstName: "$name",
  lastName: "$name",
  dateOfBirth: "$birthDate",
  phone: "$usPhone",
  email: "$email",
  address: { street: "$street", city: "$city", region: "CA", postalCode: "$postalCode", country: "US" },
};
const report = (more: Body = {}): Body =>
  referenced({
    subject: { ...subject, ...more },
    purpose: "credit_extension",
    authorisation: {
      method: "electronic_signature",
      evidenceId: "evidence-1",
      authorisedAt: inDays(-1),
      expiresAt: inDays(90),
      documentDigest: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    },
    daysRequested: 365,
  });

const order = (payer: Body): Body =>
  referenced({
    amount: { amount: "1000.00", currency: "CNY" },
    periods: 3,
    feeBearer: "customer",
    subject: "A phone",
    payer,
  });

const sterling: Body = { scheme: "uk_sort_code", sortCode: "$sortCode", accountNumber: "$accountNumber" };
const payment = (amount: string, account: Body, more: Body = {}): Body =>
  referenced({
    amount: { amount, currency: "GBP" },
    creditor: { name: "$name", account },
    remittance: { reference: "$note", unstructured: "$note" },
    returnUrl,
    ...more,
  });

const customer = (name: string): Body =>
  referenced({ name, nationalId: "$nationalId", phone: "$phone", email: "$email" });

const troubles = [
  "不符",
  "无录",
  "欠费",
  "未开",
  "限频",
  "停服",
  "内错",
  "未知",
  "新码",
  "库障",
  "超限",
  "跑偏",
  "重置",
  "半断",
];

const identity = "/v1/identity-checks";
const face = "/v1/face-verifications";
const credit = "/v1/credit-reports";
const instalments = "/v1/instalments";
const payments = "/v1/bank-payments";
const customers = "/v1/customer-accounts";

const made = (operationId: string, path: string, body: Body, status?: number): PersonalCall => ({
  operationId,
  path,
  body,
  ...(status === undefined ? {} : { status }),
});

export const personalCalls: readonly PersonalCall[] = [
  made("identityChecks.create", identity, check("$name"), 201),
  made("identityChecks.create", identity, phoneCheck("$name"), 201),
  made("identityChecks.create", identity, cardCheck("$name"), 201),
  // Refusals of the vendor's, its troubles, answers off its spec, and broken wires; a good one after each keeps the breaker.
  ...troubles.flatMap((magic) => [
    made("identityChecks.create", identity, check(`$name:${magic}`)),
    made("identityChecks.create", identity, phoneCheck("$name"), 201),
  ]),
  made("identityChecks.create", identity, phoneCheck("$name:网页"), 504),
  made("faceVerifications.create", face, referenced({ name: "$name:未开", nationalId: "$nationalId", returnUrl })),
  made("creditReports.create", credit, report(), 202),
  made("creditReports.create", credit, report({ nationalId: "$ssn" }), 202),
  made("creditReports.create", credit, report({ lastName: "Blocked" })),
  made("creditReports.create", credit, report({ lastName: "Internal" })),
  made("creditReports.create", credit, report({ lastName: "Limited" }), 503),
  made("creditReports.create", credit, report({ address: { ...(subject["address"] as Body), region: "$region" } })),
  made("creditReports.create", credit, report({ address: { ...(subject["address"] as Body), country: "FR" } }), 501),
  made("instalments.create", instalments, order({ type: "account", accountId: "$account" }), 201),
  made("instalments.create", instalments, order({ type: "code", code: "$code" }), 201),
  made("instalments.create", instalments, order({ type: "code", code: "28000000000000003" }), 422),
  made("bankPayments.create", payments, payment("165.88", sterling), 201),
  made("bankPayments.create", payments, payment("10.21", sterling, { debtorAccount: sterling })),
  made("bankPayments.create", payments, payment("10.25", { scheme: "iban", iban: "$iban" })),
  made(
    "bankPayments.create",
    payments,
    payment("10.26", sterling, { debtorAccount: { scheme: "iban", iban: "$iban" } }),
  ),
  made(
    "bankPayments.create",
    payments,
    payment(
      "10.00",
      { scheme: "cn_card", cardNumber: "$card" },
      { debtorAccount: { scheme: "cn_card", cardNumber: "$card" } },
    ),
  ),
  made("customerAccounts.open", customers, customer("$name"), 201),
  made("customerAccounts.open", customers, customer("Refused"), 422),
  made("customerAccounts.open", customers, customer("Unknown"), 422),
  made("customerAccounts.open", customers, customer("Tampered")),
  // Refused by the gateway itself.
  made("identityChecks.create", identity, check("$name", { nationalId: "x$" }), 400),
  made("identityChecks.create", identity, { ...check("$name"), nickname: "$name" }, 400),
  made("identityChecks.create", identity, check("$name", { nationalId: { value: "$nationalId" } }), 400),
  made("identityChecks.create", identity, check("$name:\u0000"), 400),
  made("creditReports.create", credit, report({ email: "$name" }), 400),
  made("creditReports.create", credit, report({ address: { street: "$street" } }), 400),
  made("instalments.create", instalments, order({ type: "$account", accountId: "$account" }), 400),
  made("bankPayments.create", payments, payment("10.00", { ...sterling, iban: "$iban" }), 400),
  made("customerAccounts.open", customers, { ...customer("$name"), email: ["$email"] }, 400),
  made("webhookEndpoints.create", "/v1/webhook-endpoints", { url: "$url", types: ["$name"] }, 400),
  made("webhookEndpoints.update", "/v1/webhook-endpoints/whe_0000000000000000000000", { url: "$url" }),
];
