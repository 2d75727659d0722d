import type { ErrorRow, ErrorTable } from "#capability";

const codeSet = "OBIE code set OBExternalStatusReason1Code";

function rows(codes: readonly string[], row: Omit<ErrorRow, "code">): ErrorRow[] {
  return codes.map((code) => ({ code, ...row }));
}

/** The standard's codes, OAuth's, and bare statuses. */
export const errors: ErrorTable = [
  // Account information with the customer's token: the consent does not reach that far.
  ...[
    "GetAccounts",
    "GetAccountsAccountId",
    "GetAccountsAccountIdBalances",
    "GetAccountsAccountIdTransactions",
  ].flatMap((operation) =>
    rows(["403", "U009", "U028", "insufficient_scope"], {
      operation,
      problem: "consent_not_authorised",
      outcome: "rejected",
    }),
  ),
  { code: "U000", problem: "vendor_fault", outcome: "unknown", note: "5xx: the bank does not say what became of it" },
  { code: "U011", problem: "resource_not_found", outcome: "rejected", note: codeSet },
  { code: "U028", problem: "authorisation_declined", outcome: "rejected", note: "the customer must authenticate anew" },
  ...rows(["U033", "U036", "U037"], { problem: "authorisation_declined", outcome: "rejected", note: codeSet }),
  ...rows(["U015", "U016", "U017", "U018", "U019", "U020"], {
    problem: "vendor_unauthenticated",
    outcome: "rejected",
    note: "our signature or key registration is at fault",
  }),
  ...rows(["U001", "U002", "U003", "U004", "U005", "U006", "U007", "U008", "U009", "U010", "U012", "U013", "U014"], {
    problem: "vendor_rejected",
    outcome: "rejected",
    note: codeSet,
  }),
  ...rows(["U021", "U022", "U023", "U024", "U025", "U026", "U027"], {
    problem: "vendor_rejected",
    outcome: "rejected",
    note: "the bank does not support this scheme, currency or instrument",
  }),
  // "Exists already" and "consumed" may speak of our own first attempt: whether it took effect is to be asked.
  ...rows(["U029", "U035", "U038"], { problem: "vendor_rejected", outcome: "unknown", note: codeSet }),
  ...rows(["U030", "U031", "U032", "U034", "U040"], {
    problem: "vendor_rejected",
    outcome: "unknown",
    note: "a reason of a status; as an error it does not say that nothing happened",
  }),
  ...rows(["U039", "U041", "U042"], { problem: "vendor_rejected", outcome: "rejected", note: codeSet }),
  { code: "AM04", problem: "insufficient_funds", outcome: "rejected", note: "ISO 20022 InsufficientFunds" },
  ...rows(["AM02", "AM14", "AM21"], { problem: "amount_out_of_range", outcome: "rejected", note: "ISO 20022 limits" }),
  ...rows(["AC*", "AG*", "AM*", "BE*", "CURR"], {
    problem: "vendor_rejected",
    outcome: "rejected",
    note: "ISO 20022 reasons about account, agent, amount, party or currency",
  }),
  { code: "invalid_grant", problem: "authorisation_declined", outcome: "rejected", note: "RFC 6749 5.2" },
  ...rows(["invalid_client", "unauthorized_client", "invalid_redirect_uri"], {
    problem: "vendor_unauthenticated",
    outcome: "rejected",
    note: "our registration with the bank is at fault",
  }),
  ...rows(["invalid_token", "insufficient_scope", "401", "403"], {
    problem: "vendor_unauthenticated",
    outcome: "rejected",
    note: "RFC 6750 3.1",
  }),
  ...rows(
    [
      "invalid_request",
      "invalid_request_object",
      "unsupported_grant_type",
      "invalid_scope",
      "404",
      "405",
      "406",
      "415",
    ],
    {
      problem: "vendor_fault",
      outcome: "rejected",
      note: "bank and adapter disagree on the protocol",
    },
  ),
  { code: "server_error", problem: "vendor_fault", outcome: "unknown", note: "RFC 6749 4.1.2.1" },
  { code: "temporarily_unavailable", problem: "vendor_unavailable", outcome: "rejected", note: "RFC 6749 4.1.2.1" },
  { code: "429", problem: "vendor_rate_limited", outcome: "rejected", note: "the standard answers it without a body" },
];
