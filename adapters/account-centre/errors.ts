import type { ErrorRow, ErrorTable } from "#capability";

type Problem = ErrorRow["problem"];

/** Codes that mean the same to the partner as to us: a definite no, nothing happened. */
const same: readonly Problem[] = [
  "customer_unknown",
  "vendor_rejected",
  "duplicate_reference",
  "resource_state_conflict",
  "resource_not_found",
  "request_invalid",
];

/** The platform does not know us, or not for this partner: the operator's matter, whatever the partner does. */
const credentials = [
  "signature_missing",
  "signature_ambiguous",
  "signature_coverage",
  "signature_params",
  "signature_expired",
  "signature_replay",
  "signature_invalid",
  "insufficient_scope",
];

/** The request was mangled on its way, or built wrongly by us. Nothing happened. */
const malformed = [
  "digest_missing",
  "digest_mismatch",
  "duplicate_header",
  "host_mismatch",
  "target_malformed",
  "content_encoding_unsupported",
  "content_type_unsupported",
  "body_too_large",
  "headers_too_large",
  "body_unexpected",
  "body_malformed",
  "body_too_deep",
  "request_timeout",
  "not_found",
  "method_not_allowed",
  "idempotency_key_missing",
  "idempotency_key_malformed",
  "idempotency_key_reused",
];

/** The platform says that it did nothing and may be asked again. */
const unavailable = ["vendor_unavailable", "shutting_down", "store_unavailable"];

function rows(codes: readonly string[], problem: Problem, outcome: ErrorRow["outcome"], note: string): ErrorRow[] {
  return codes.map((code) => ({ code, problem, outcome, note }));
}

/** The account centre answers with the codes of our own catalogue; what blames the caller there is ours, not the partner's. */
export const errors: ErrorTable = [
  ...same.map((code): ErrorRow => ({ code, problem: code, outcome: "rejected" })),
  ...rows(credentials, "vendor_unauthenticated", "rejected", "the gateway's key or rights at the platform"),
  ...rows(malformed, "internal_error", "rejected", "the gateway's request, not the partner's"),
  ...rows(unavailable, "vendor_unavailable", "not_sent", "the platform did nothing"),
  { code: "rate_limited", problem: "vendor_rate_limited", outcome: "not_sent" },
  { code: "operation_unsupported", problem: "operation_unsupported", outcome: "not_sent" },
  {
    code: "idempotency_in_flight",
    problem: "outcome_unknown",
    outcome: "unknown",
    note: "our first attempt still runs",
  },
  { code: "outcome_unknown", problem: "outcome_unknown", outcome: "unknown" },
  { code: "vendor_timeout", problem: "vendor_timeout", outcome: "unknown", note: "behind the platform" },
  { code: "vendor_fault", problem: "vendor_fault", outcome: "unknown", note: "behind the platform" },
  { code: "internal_error", problem: "vendor_fault", outcome: "unknown" },
];
