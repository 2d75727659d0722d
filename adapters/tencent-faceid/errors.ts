import type { ErrorTable } from "#capability";

/**
 * What Tencent's error codes mean to us (common codes and those of the five faceid actions). Only result codes are charged
 * ("收费结果码"), an error never is: so whatever may succeed later is `not_sent`, what was asked wrongly is `rejected`.
 */
export const errors: ErrorTable = [
  {
    code: "InvalidParameter",
    operation: "GetDetectInfoEnhanced",
    problem: "vendor_fault",
    outcome: "unknown",
    note: "非法BizToken of a token that the vendor gave us: not the partner's doing.",
  },
  {
    code: "InvalidParameterValue.BizTokenExpired",
    problem: "session_expired",
    outcome: "rejected",
    note: "Three days after DetectAuth the vendor forgets.",
  },
  { code: "InvalidParameterValue.BizTokenIllegal", problem: "vendor_fault", outcome: "unknown" },
  {
    code: "InvalidParameterValue.RuleIdNotExist",
    problem: "vendor_unavailable",
    outcome: "not_sent",
    note: "Configuration: the operator's rule is not in the vendor's console.",
  },
  { code: "InvalidParameterValue.RuleIdDisabled", problem: "vendor_unavailable", outcome: "not_sent" },
  { code: "InvalidParameter.UnsupportEncryptField", problem: "internal_error", outcome: "not_sent" },
  { code: "InvalidParameter", problem: "vendor_rejected", outcome: "rejected" },
  { code: "InvalidParameterValue", problem: "vendor_rejected", outcome: "rejected" },

  { code: "AuthFailure.*", problem: "vendor_unauthenticated", outcome: "not_sent", note: "Key, permission or clock." },
  { code: "FailedOperation.StsUnAuthErrError", problem: "vendor_unauthenticated", outcome: "not_sent" },
  { code: "IpInBlacklist", problem: "vendor_unauthenticated", outcome: "not_sent" },
  { code: "IpNotInWhitelist", problem: "vendor_unauthenticated", outcome: "not_sent" },

  { code: "UnauthorizedOperation.Arrears", problem: "vendor_unavailable", outcome: "not_sent", note: "Pay the bill." },
  { code: "UnauthorizedOperation.ChargeStatusException", problem: "vendor_unavailable", outcome: "not_sent" },
  { code: "UnauthorizedOperation.Nonactivated", problem: "vendor_unavailable", outcome: "not_sent" },
  { code: "UnauthorizedOperation.Activating", problem: "vendor_unavailable", outcome: "not_sent" },
  { code: "UnauthorizedOperation.ActivateError", problem: "vendor_unavailable", outcome: "not_sent" },
  { code: "UnauthorizedOperation.NonAuthorize", problem: "vendor_unavailable", outcome: "not_sent" },
  { code: "UnauthorizedOperation", problem: "vendor_unauthenticated", outcome: "not_sent" },

  { code: "RequestLimitExceeded", problem: "vendor_rate_limited", outcome: "not_sent" },
  { code: "RequestLimitExceeded.*", problem: "vendor_rate_limited", outcome: "not_sent" },
  { code: "LimitExceeded", problem: "quota_exhausted", outcome: "not_sent" },

  { code: "ServiceUnavailable", problem: "vendor_unavailable", outcome: "not_sent" },
  { code: "ResourceUnavailable", problem: "vendor_unavailable", outcome: "not_sent" },
  { code: "ResourceInsufficient", problem: "vendor_unavailable", outcome: "not_sent" },
  { code: "ResourceInUse", problem: "vendor_unavailable", outcome: "not_sent" },
  { code: "ResourceNotFound", problem: "vendor_fault", outcome: "not_sent" },
  { code: "InternalError", problem: "vendor_fault", outcome: "not_sent", note: "Without a result code, no charge." },
  { code: "FailedOperation", problem: "vendor_fault", outcome: "not_sent" },
  { code: "FailedOperation.UnKnown", problem: "vendor_fault", outcome: "not_sent" },
  { code: "FailedOperation.DecryptSystemError", problem: "vendor_fault", outcome: "not_sent" },
  { code: "FailedOperation.EncryptSystemError", problem: "vendor_fault", outcome: "not_sent" },
  { code: "ResponseSizeLimitExceeded", problem: "vendor_fault", outcome: "not_sent" },

  // From here on the vendor tells us that this adapter speaks wrongly: nothing that a partner could mend.
  { code: "ActionOffline", problem: "internal_error", outcome: "not_sent" },
  { code: "DryRunOperation", problem: "internal_error", outcome: "not_sent" },
  { code: "InvalidAction", problem: "internal_error", outcome: "not_sent" },
  { code: "InvalidRequest", problem: "internal_error", outcome: "not_sent" },
  { code: "MissingParameter", problem: "internal_error", outcome: "not_sent" },
  { code: "NoSuchProduct", problem: "internal_error", outcome: "not_sent" },
  { code: "NoSuchVersion", problem: "internal_error", outcome: "not_sent" },
  { code: "RequestSizeLimitExceeded", problem: "internal_error", outcome: "not_sent" },
  { code: "UnknownParameter", problem: "internal_error", outcome: "not_sent" },
  { code: "UnsupportedOperation", problem: "internal_error", outcome: "not_sent" },
  { code: "UnsupportedProtocol", problem: "internal_error", outcome: "not_sent" },
  { code: "UnsupportedRegion", problem: "internal_error", outcome: "not_sent" },
];
