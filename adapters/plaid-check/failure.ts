import { errorRow } from "#capability";
import type { Output } from "#capability";
import { errors } from "./errors.ts";

type Failure = NonNullable<Output<"creditReports.get">["failure"]>;

/** For people; Plaid's own messages speak to developers of its API. */
const details: Record<string, string> = {
  CONSUMER_REPORT_NOT_FOUND: "The bureau never received the order.",
  CONSUMER_REPORT_EXPIRED: "The report was not fetched within the 24 hours that the bureau keeps it.",
  DATA_UNAVAILABLE: "The bureau could not get enough data from the subject's institutions.",
  PRODUCT_GENERATION_FAILED: "The bureau had data, but could not generate the report.",
  INSTITUTION_TRANSACTION_HISTORY_NOT_SUPPORTED: "The subject's institution has no history of the required length.",
  INSUFFICIENT_TRANSACTION_DATA: "The subject's accounts show too few transactions.",
  DATA_QUALITY_CHECK_FAILED: "The institution's data was inconsistent; a new order in a day or two may succeed.",
  NO_ACCOUNTS: "The subject has connected no suitable account.",
  NETWORK_CONSENT_REQUIRED: "The subject did not consent to sharing network data.",
  USER_NOT_FOUND: "The bureau does not know the subject any more.",
  USER_PERMISSION_REVOKED: "The subject withdrew the permission.",
  USER_ON_IDENTITY_THEFT_OR_FRAUD_BLOCK: "The subject reported identity theft or fraud to the bureau.",
};

/** Why a report failed: our code from the error table, and Plaid's own. */
export function failureOf(code: string): Failure {
  return {
    code: errorRow(errors, code, "craCheckReportBaseReportGet")?.problem ?? "vendor_rejected",
    detail: details[code] ?? "The bureau could not generate the report.",
    vendor: { adapter: "plaid-check", code },
  };
}
