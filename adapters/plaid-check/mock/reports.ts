import { randomUUID } from "node:crypto";
import type { MockContext, WireAnswer } from "#mocks";
import { answer, PlaidError, refusal, webhookError } from "./answers.ts";
import { baseReport } from "./bank.ts";
import { readyAfterMs, scenarioOf } from "./scenarios.ts";
import type { User, Users } from "./users.ts";
import type { Webhooks } from "./webhooks.ts";

export interface Report {
  reportId: string;
  clientReportId: string | null;
  daysRequested: number;
  webhook: string;
  /** Unix milliseconds. */
  readyAt: number;
  notified: boolean;
}

/** Plaid keeps a report for 24 hours. */
const reportLifetimeMs = 24 * 60 * 60 * 1000;
const minDays = 180;
const maxDays = 731;

export interface Reports {
  create(body: Record<string, unknown>): WireAnswer;
  base(body: Record<string, unknown>): WireAnswer;
  lendScore(body: Record<string, unknown>): WireAnswer;
}

/** Consumer reports, one (the latest) per user; generated in the background and told of by webhook. */
export function createReports(context: MockContext, users: Users, webhooks: Webhooks): Reports {
  const reports = context.table<Report>("reports");
  // What a stopped sandbox still owed is told now.
  for (const [userId, report] of reports.entries()) {
    if (!report.notified) context.later(readyAfterMs, () => notify(users.of({ user_id: userId })));
  }

  function notify(user: User): void {
    const report = reports.get(user.userId);
    const scenario = scenarioOf(user.identity?.name?.family_name);
    if (report === undefined || report.notified) return;
    reports.set(user.userId, { ...report, notified: true });
    if (scenario.webhook === "none") return;
    if (scenario.rotateKey) webhooks.rotate();
    const common = { webhook_type: "CHECK_REPORT", user_id: user.userId, environment: "sandbox" };
    const failed = scenario.score === "failed" ? ["cra_lend_score"] : [];
    const body =
      scenario.failure === undefined
        ? {
            ...common,
            webhook_code: "USER_CHECK_REPORT_READY",
            successful_products: ["cra_base_report", ...(failed.length === 0 ? ["cra_lend_score"] : [])],
            failed_products: failed,
          }
        : {
            ...common,
            webhook_code: "USER_CHECK_REPORT_FAILED",
            error: webhookError(scenario.failure),
          };
    if (scenario.webhook === "forged_first") webhooks.deliver(report.webhook, body, true);
    webhooks.deliver(report.webhook, body);
    if (scenario.webhook === "twice") webhooks.deliver(report.webhook, body);
  }

  /** The user's finished report, or why there is none to read. */
  function finished(body: Record<string, unknown>): { user: User; report: Report } {
    const user = users.of(body);
    const report = reports.get(user.userId);
    const scenario = scenarioOf(user.identity?.name?.family_name);
    const now = context.now().getTime();
    if (report === undefined) throw new PlaidError("CONSUMER_REPORT_NOT_FOUND");
    if (now < report.readyAt) throw new PlaidError("PRODUCT_NOT_READY");
    if (scenario.expired || now > report.readyAt + reportLifetimeMs) throw new PlaidError("CONSUMER_REPORT_EXPIRED");
    if (scenario.failure !== undefined) throw new PlaidError("DATA_UNAVAILABLE", undefined, { causes: [] });
    return { user, report };
  }

  return {
    create(body) {
      const user = users.of(body);
      checkOrder(user, body);
      const scenario = scenarioOf(user.identity?.name?.family_name);
      if (scenario.orderRefusal !== undefined) throw new PlaidError(scenario.orderRefusal);
      if (!scenario.lost) {
        const waitMs = scenario.readyAfterMs ?? readyAfterMs;
        reports.set(user.userId, {
          reportId: randomUUID(),
          clientReportId: (body["client_report_id"] as string | undefined) ?? null,
          daysRequested: Math.max(body["days_requested"] as number, minDays),
          webhook: body["webhook"] as string,
          readyAt: context.now().getTime() + waitMs,
          notified: false,
        });
        context.later(waitMs, () => notify(user));
      }
      return {
        ...(scenario.orderFailure === undefined ? answer(200, {}) : refusal(new PlaidError(scenario.orderFailure))),
        ...(scenario.orderFault === undefined ? {} : { fault: scenario.orderFault }),
        ...(scenario.orderDelayMs === undefined ? {} : { delayMs: scenario.orderDelayMs }),
      };
    },

    base(body) {
      const { user, report } = finished(body);
      const { stranger } = scenarioOf(user.identity?.name?.family_name);
      const shown = stranger ? { ...report, clientReportId: "0".repeat(32) } : report;
      return answer(200, { report: baseReport(user, shown), warnings: [] });
    },

    lendScore(body) {
      const { user, report } = finished(body);
      const { score } = scenarioOf(user.identity?.name?.family_name);
      if (score === "failed") throw new PlaidError("INSUFFICIENT_TRANSACTION_DATA", "fewer than 15 transactions");
      const lendScore =
        score === "none"
          ? {
              score: null,
              reason_codes: [],
              error_reason: "There is not enough data to compute a score",
            }
          : { score: scoreOf(user), reason_codes: ["PCS0221", "PCS0223"], error_reason: null };
      const generated = new Date(report.readyAt).toISOString();
      return answer(200, {
        report: { report_id: report.reportId, generated_time: generated, lend_score: lendScore },
        warnings: [],
      });
    },
  };
}

/** The last two digits of the phone number; 50 for 00. */
function scoreOf(user: User): number {
  const digits = Number((user.identity?.phone_numbers?.[0]?.data ?? "").slice(-2));
  return digits >= 1 && digits <= 99 ? digits : 50;
}

function checkOrder({ identity }: User, body: Record<string, unknown>): void {
  const days = body["days_requested"];
  if (typeof days !== "number" || !Number.isInteger(days) || days < 1 || days > maxDays) {
    throw new PlaidError("INVALID_FIELD", `days_requested must be an integer of at most ${maxDays}`);
  }
  if (typeof body["webhook"] !== "string" || !URL.canParse(body["webhook"])) {
    throw new PlaidError("INVALID_FIELD", "webhook must be a URL");
  }
  const hasAll =
    identity?.name !== undefined &&
    identity.date_of_birth !== undefined &&
    [identity.emails, identity.phone_numbers, identity.addresses].every((list) => list?.some((entry) => entry.primary));
  if (!hasAll) throw new PlaidError("INVALID_FIELD", "the user's identity lacks what a consumer report needs");
  if (identity.addresses?.every((address) => address.country !== "US")) {
    throw new PlaidError("INVALID_FIELD", "consumer reports can be created for US-based users only");
  }
}
