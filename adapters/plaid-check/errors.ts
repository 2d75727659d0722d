import type { ErrorTable } from "#capability";

/**
 * Plaid's documented error codes (plaid.com/docs/errors) as far as these endpoints can answer them. A refusal with 4xx is
 * definite: Plaid did nothing. `INTERNAL_SERVER_ERROR` says nothing of the effect.
 */
export const errors: ErrorTable = [
  {
    code: "PRODUCT_NOT_READY",
    problem: "vendor_rejected",
    outcome: "rejected",
    note: "CONSUMER_REPORT_ERROR: the report keeps processing, and its score is unavailable for now",
  },
  {
    code: "CONSUMER_REPORT_NOT_FOUND",
    problem: "vendor_rejected",
    outcome: "rejected",
    note: "no report was created",
  },
  {
    code: "CONSUMER_REPORT_EXPIRED",
    problem: "session_expired",
    outcome: "rejected",
    note: "a report lasts 24 hours",
  },
  { code: "DATA_UNAVAILABLE", problem: "vendor_rejected", outcome: "rejected" },
  {
    code: "PRODUCT_GENERATION_FAILED",
    problem: "vendor_rejected",
    outcome: "rejected",
    note: "told by a webhook only",
  },
  {
    code: "INSTITUTION_TRANSACTION_HISTORY_NOT_SUPPORTED",
    problem: "vendor_rejected",
    outcome: "rejected",
  },
  { code: "INSUFFICIENT_TRANSACTION_DATA", problem: "vendor_rejected", outcome: "rejected" },
  { code: "DATA_QUALITY_CHECK_FAILED", problem: "vendor_rejected", outcome: "rejected" },
  {
    code: "NO_ACCOUNTS",
    problem: "customer_unknown",
    outcome: "rejected",
    note: "nothing suitable was connected",
  },
  { code: "USER_NOT_FOUND", problem: "customer_unknown", outcome: "rejected" },
  { code: "INVALID_USER_ID", problem: "vendor_rejected", outcome: "rejected" },
  {
    code: "INVALID_USER_IDENTITY_DATA",
    problem: "vendor_rejected",
    outcome: "rejected",
    note: "USER_ERROR, 403",
  },
  {
    code: "USER_ON_IDENTITY_THEFT_OR_FRAUD_BLOCK",
    problem: "vendor_rejected",
    outcome: "rejected",
  },
  { code: "USER_PERMISSION_REVOKED", problem: "authorisation_declined", outcome: "rejected" },
  { code: "ADDITIONAL_CONSENT_REQUIRED", problem: "authorisation_declined", outcome: "rejected" },
  { code: "NETWORK_CONSENT_REQUIRED", problem: "authorisation_declined", outcome: "rejected" },
  {
    code: "INVALID_WEBHOOK_VERIFICATION_KEY_ID",
    operation: "webhookVerificationKeyGet",
    problem: "vendor_rejected",
    outcome: "rejected",
    note: "a forged webhook, or one of the other environment",
  },
  { code: "MISSING_FIELDS", problem: "vendor_rejected", outcome: "rejected" },
  { code: "UNKNOWN_FIELDS", problem: "vendor_rejected", outcome: "rejected" },
  { code: "INVALID_FIELD", problem: "vendor_rejected", outcome: "rejected" },
  { code: "INVALID_BODY", problem: "vendor_rejected", outcome: "rejected" },
  { code: "INVALID_HEADERS", problem: "vendor_rejected", outcome: "rejected" },
  { code: "INVALID_CONFIGURATION", problem: "vendor_rejected", outcome: "rejected" },
  { code: "INCOMPATIBLE_API_VERSION", problem: "vendor_rejected", outcome: "rejected" },
  { code: "NOT_FOUND", problem: "vendor_rejected", outcome: "rejected", note: "no such endpoint" },
  { code: "NO_LONGER_AVAILABLE", problem: "vendor_rejected", outcome: "rejected" },
  { code: "SANDBOX_ONLY", problem: "vendor_rejected", outcome: "rejected" },
  {
    code: "INVALID_API_KEYS",
    problem: "vendor_unauthenticated",
    outcome: "rejected",
    note: "our keys, not the partner's",
  },
  {
    code: "UNAUTHORIZED_ENVIRONMENT",
    problem: "vendor_unauthenticated",
    outcome: "rejected",
    note: "our contract",
  },
  {
    code: "UNAUTHORIZED_ROUTE_ACCESS",
    problem: "vendor_unauthenticated",
    outcome: "rejected",
    note: "our contract",
  },
  {
    code: "INVALID_PRODUCT",
    problem: "vendor_unauthenticated",
    outcome: "rejected",
    note: "our contract",
  },
  { code: "RATE_LIMIT", problem: "vendor_rate_limited", outcome: "not_sent" },
  { code: "CREDITS_EXHAUSTED", problem: "quota_exhausted", outcome: "not_sent" },
  {
    code: "PLANNED_MAINTENANCE",
    problem: "vendor_unavailable",
    outcome: "not_sent",
    note: "503, nothing is executed",
  },
  {
    code: "INTERNAL_SERVER_ERROR",
    problem: "vendor_fault",
    outcome: "unknown",
    note: "500, the effect is not said",
  },
];
