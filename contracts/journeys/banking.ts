import type { Body, Story } from "./step.ts";

/** The button that says yes, and none that says no. */
const agree = /^(?!.*(\bnot\b|decline|refuse|reject|deny|cancel)).*(approve|agree|consent|allow|authori[sz]e|confirm)/i;
const amount = { amount: "165.88", currency: "GBP" };

/** A customer's bank: access to the accounts, then a payment. */
export const banking: Story = {
  title: "A bank: consent, accounts, balances, transactions, payment",
  steps: [
    {
      title: "ask for access to the accounts",
      kind: "call",
      method: "POST",
      path: "/v1/consents",
      body: {
        permissions: [
          "accounts_detail",
          "balances",
          "transactions_detail",
          "transactions_credits",
          "transactions_debits",
        ],
        expiresAt: "{in90Days}",
        returnUrl: "https://partner.example/consent/return",
        reference: "{run}-consent",
      },
      status: 201,
      expect: { id: /^cns_/, status: "awaiting_authorisation", authorisationUrl: /^http/ },
      saveAs: "consent",
    },
    {
      title: "the customer consents at the bank",
      kind: "customer",
      page: "{consent.authorisationUrl}",
      press: agree,
    },
    {
      title: "the consent is authorised",
      kind: "wait",
      path: "/v1/consents/{consent.id}",
      expect: { status: "authorised" },
      while: ["awaiting_authorisation", "unknown"],
      withinSeconds: 10,
    },
    {
      title: "list the accounts",
      kind: "call",
      method: "GET",
      path: "/v1/bank-accounts?consentId={consent.id}",
      status: 200,
      expect: { data: { 0: { id: /^bac_/, currency: /^[A-Z]{3}$/ } } },
      saveAs: "accounts",
    },
    {
      title: "read the balances",
      kind: "call",
      method: "GET",
      path: "/v1/bank-accounts/{accounts.data.0.id}/balances?consentId={consent.id}",
      status: 200,
      expect: { data: { 0: { amount: { amount: /^\d/, currency: /^[A-Z]{3}$/ } } } },
    },
    {
      title: "read the transactions",
      kind: "call",
      method: "GET",
      path: "/v1/bank-accounts/{accounts.data.0.id}/transactions?consentId={consent.id}",
      status: 200,
      expect: { data: { 0: { amount: { amount: /^\d/ }, bookedAt: /Z$/ } } },
      check: newestFirst,
    },
    {
      title: "prepare a payment",
      kind: "call",
      method: "POST",
      path: "/v1/bank-payments",
      body: {
        amount,
        creditor: {
          name: "ACME Inc",
          account: { scheme: "uk_sort_code", sortCode: "080800", accountNumber: "21325698" },
        },
        remittance: { reference: "FRESCO-101" },
        returnUrl: "https://partner.example/payment/return",
        reference: "{run}-payment",
      },
      status: 201,
      expect: { id: /^pay_/, status: "awaiting_authorisation", amount, authorisationUrl: /^http/ },
      saveAs: "payment",
    },
    {
      title: "the customer approves at the bank",
      kind: "customer",
      page: "{payment.authorisationUrl}",
      press: agree,
    },
    {
      title: "the payment is made",
      kind: "wait",
      path: "/v1/bank-payments/{payment.id}",
      expect: { status: "completed", amount, completedAt: /Z$/ },
      while: ["awaiting_authorisation", "processing", "unknown"],
      withinSeconds: 20,
    },
  ],
};

/** The contract promises the newest entry first. */
function newestFirst(page: Body): string | undefined {
  const entries = Array.isArray(page["data"]) ? (page["data"] as { bookedAt?: string }[]) : [];
  const times = entries.map(({ bookedAt }) => Date.parse(bookedAt ?? ""));
  return times.every((time, at) => at === 0 || time <= (times[at - 1] ?? 0)) ? undefined : "not newest first";
}
