import type { ErrorTable } from "#capability";

/**
 * What the vendor's codes mean to us: words are the gateway's in front, numbers the product's. Only a result (`BizCode` 1 or 2)
 * is charged, a refusal never: so whatever may succeed later is `not_sent`, what was asked wrongly is `rejected`.
 */
export const errors: ErrorTable = [
  {
    code: "401",
    operation: "DescribeFaceVerify",
    problem: "vendor_fault",
    outcome: "unknown",
    note: "Of a CertifyId that the vendor gave us: not the partner's doing.",
  },
  { code: "400", problem: "internal_error", outcome: "not_sent", note: "This adapter leaves nothing empty." },
  { code: "401", problem: "vendor_rejected", outcome: "rejected", note: "The name or a number is against its rules." },
  {
    code: "402",
    problem: "vendor_unavailable",
    outcome: "not_sent",
    note: "A check: the source fails. A face: the application is not configured.",
  },
  { code: "403", problem: "vendor_rate_limited", outcome: "not_sent", note: "The same was asked too often." },
  { code: "404", problem: "vendor_unavailable", outcome: "not_sent", note: "The operator's scene does not exist." },
  { code: "405", problem: "vendor_rejected", outcome: "rejected", note: "Under 14 years of age." },
  { code: "406", problem: "vendor_fault", outcome: "unknown", note: "A CertifyId that the vendor gave us." },
  { code: "410", problem: "vendor_unavailable", outcome: "not_sent" },
  { code: "411", problem: "vendor_unauthenticated", outcome: "not_sent" },
  { code: "412", problem: "vendor_unavailable", outcome: "not_sent", note: "Pay the bill." },
  { code: "414", problem: "vendor_unavailable", outcome: "not_sent", note: "The configured MetaInfo." },
  { code: "415", problem: "vendor_unavailable", outcome: "not_sent", note: "The configured MetaInfo." },
  { code: "416", problem: "vendor_unavailable", outcome: "not_sent", note: "The configured MetaInfo." },
  { code: "417", problem: "vendor_rejected", outcome: "rejected", note: "Nothing to compare the person with." },
  { code: "418", problem: "quota_exhausted", outcome: "not_sent", note: "This person's failures of today." },
  { code: "500", problem: "vendor_fault", outcome: "not_sent", note: "Without a result, no charge." },

  { code: "Throttling", problem: "vendor_rate_limited", outcome: "not_sent" },
  { code: "Throttling.*", problem: "vendor_rate_limited", outcome: "not_sent" },
  { code: "ServiceUnavailable", problem: "vendor_unavailable", outcome: "not_sent", note: "Refused in front." },
  {
    code: "InternalError",
    problem: "vendor_fault",
    outcome: "unknown",
    note: "HTTP 500 in front of the product: it may have run.",
  },
  { code: "InsufficientBalance", problem: "vendor_unavailable", outcome: "not_sent" },

  { code: "Forbidden", problem: "vendor_unauthenticated", outcome: "not_sent" },
  { code: "Forbidden.*", problem: "vendor_unauthenticated", outcome: "not_sent" },
  { code: "NoPermission", problem: "vendor_unauthenticated", outcome: "not_sent" },
  { code: "InvalidAccessKeyId.*", problem: "vendor_unauthenticated", outcome: "not_sent" },
  { code: "InvalidSecurityToken.*", problem: "vendor_unauthenticated", outcome: "not_sent" },
  { code: "InvalidTimeStamp.*", problem: "vendor_unauthenticated", outcome: "not_sent", note: "Our clock." },
  { code: "IllegalTimestamp", problem: "vendor_unauthenticated", outcome: "not_sent" },
  { code: "IncompleteSignature", problem: "vendor_unauthenticated", outcome: "not_sent" },
  { code: "SignatureDoesNotMatch", problem: "vendor_unauthenticated", outcome: "not_sent" },
  {
    code: "SignatureNonceUsed",
    problem: "vendor_fault",
    outcome: "unknown",
    note: "Somebody sent these very bytes before us: that one may have run.",
  },

  // From here on the vendor tells us that this adapter speaks wrongly: nothing that a partner could mend.
  { code: "InvalidAction", problem: "internal_error", outcome: "not_sent" },
  { code: "InvalidAction.NotFound", problem: "internal_error", outcome: "not_sent" },
  { code: "InvalidApi.NotFound", problem: "internal_error", outcome: "not_sent" },
  { code: "InvalidParameter", problem: "internal_error", outcome: "not_sent", note: "The product says 401." },
  { code: "InvalidParameter.Format", problem: "internal_error", outcome: "not_sent" },
  { code: "InvalidProduct.NotFound", problem: "internal_error", outcome: "not_sent" },
  { code: "InvalidProtocol.NeedSsl", problem: "internal_error", outcome: "not_sent" },
  { code: "InvalidSignatureMethod", problem: "internal_error", outcome: "not_sent" },
  { code: "InvalidVersion", problem: "internal_error", outcome: "not_sent" },
  { code: "Missing*", problem: "internal_error", outcome: "not_sent", note: "Missing{ParameterName}." },
  { code: "UnsupportedHTTPMethod", problem: "internal_error", outcome: "not_sent" },
];
