import type { WireFault } from "#mocks";

/** What a simulated consumer's family name makes of the order. */
export interface Scenario {
  /** Refusal of /user/create. */
  userRefusal?: string;
  /** Refusal of /cra/check_report/create; nothing is made. */
  orderRefusal?: string;
  /** Failure that /cra/check_report/create answers although the report is made. */
  orderFailure?: string;
  /** Spoils the answer of /cra/check_report/create; the report is made unless `lost`. */
  orderFault?: WireFault;
  orderDelayMs?: number;
  lost?: true;
  readyAfterMs?: number;
  /** What the webhook says of a report that failed. */
  failure?: string;
  /** The report's score: none computed, or its product failed. */
  score?: "none" | "failed";
  /** The base report bears another client_report_id than the one of the order. */
  stranger?: true;
  expired?: true;
  webhook?: "none" | "twice" | "forged_first";
  rotateKey?: true;
}

export const readyAfterMs = 150;
/** The report of somebody `Slow`. */
const slowReportMs = 3_000;
/** The answer to the order of somebody `Late`: longer than the gateway waits. */
const lateAnswerMs = 20_000;

/** By family name; anybody else gets a report and a score. */
const scenarios: Record<string, Scenario> = {
  Failed: { failure: "PRODUCT_GENERATION_FAILED" },
  Unavailable: { failure: "DATA_UNAVAILABLE" },
  Unscored: { score: "none" },
  Thin: { score: "failed" },
  Slow: { readyAfterMs: slowReportMs },
  Silent: { webhook: "none" },
  Twice: { webhook: "twice" },
  Forged: { webhook: "forged_first" },
  Rotate: { rotateKey: true },
  Expired: { expired: true },
  Stranger: { stranger: true },
  Blocked: { orderRefusal: "USER_ON_IDENTITY_THEFT_OR_FRAUD_BLOCK" },
  Limited: { orderRefusal: "RATE_LIMIT" },
  Maintenance: { userRefusal: "PLANNED_MAINTENANCE" },
  Internal: { orderFailure: "INTERNAL_SERVER_ERROR" },
  Reset: { orderFault: "reset" },
  Lost: { orderFault: "reset", lost: true },
  Html: { orderFault: "html_502" },
  Late: { orderDelayMs: lateAnswerMs },
};

/** The scenario of this family name. */
export function scenarioOf(familyName: string | undefined): Scenario {
  return (familyName === undefined ? undefined : scenarios[familyName]) ?? {};
}
