import { done, Fault } from "#capability";
import type { Call, Capability, Outcome, ResourceView, VendorClient } from "#capability";
import type { Config } from "./config.ts";
import { failureOf } from "./failure.ts";
import { reportOf, userOf } from "./order.ts";
import { contentOf } from "./report.ts";
import type { components, operations } from "./vendor.d.ts";

type Get = Call<"creditReports.get", Config>;
type Vendor = VendorClient<operations>;

/** Vendor state of a credit report: the Plaid user that was made for it. */
interface State {
  userId: string;
}

/** No request of a creation is under way for so long, deadline and retries included. */
const absentAfterMs = 20_000;

const reportNotFound = "CONSUMER_REPORT_NOT_FOUND";
/** Codes with which Plaid says that this report will never be. */
const hopeless = new Set([
  reportNotFound,
  "CONSUMER_REPORT_EXPIRED",
  "DATA_UNAVAILABLE",
  "INSTITUTION_TRANSACTION_HISTORY_NOT_SUPPORTED",
  "INSUFFICIENT_TRANSACTION_DATA",
  "DATA_QUALITY_CHECK_FAILED",
  "NO_ACCOUNTS",
  "NETWORK_CONSENT_REQUIRED",
  "USER_NOT_FOUND",
  "USER_PERMISSION_REVOKED",
  "USER_ON_IDENTITY_THEFT_OR_FRAUD_BLOCK",
]);

/** Codes with which Plaid says that a finished report has no score; the rest of the report stands. */
const scoreless = new Set([
  "DATA_UNAVAILABLE",
  "INSUFFICIENT_TRANSACTION_DATA",
  "DATA_QUALITY_CHECK_FAILED",
  "NO_ACCOUNTS",
  "NETWORK_CONSENT_REQUIRED",
]);

export const creditReports: Capability<"creditReports", operations, Config> = {
  /** One Plaid user per report, found again by our reference; the report follows by webhook. */
  async create(call, vendor) {
    const order = call.input.body;
    const user = userOf(order, call.reference);
    const ids = { userId: "usr_", reference: call.reference, callbackUrl: call.callbackUrl };
    // Both requests are mapped before the first is sent: what cannot be ordered leaves no trace at Plaid.
    const report = reportOf(order, ids, call.config);
    const { body: made } = await vendor.call("userCreate", { body: user });
    await vendor.call("craCheckReportCreate", { body: { ...report, user_id: made.user_id } });
    const body = {
      id: call.id,
      status: "processing" as const,
      purpose: order.purpose,
      daysRequested: order.daysRequested,
      ...(order.reference === undefined ? {} : { reference: order.reference }),
      createdAt: call.now.toISOString(),
    };
    return done(body, { state: { userId: made.user_id } satisfies State, handles: [made.user_id] });
  },

  async get(call, vendor) {
    const known = call.resource?.state as State | undefined;
    if (known !== undefined) return read(call, vendor, known.userId);
    // The creating call was never answered. /user/create finds the user by our reference; without an identity, so that a
    // user that had never existed (201) is left empty.
    const reference = resourceOf(call).reference;
    const found = await vendor.call("userCreate", { body: { client_user_id: reference } });
    return found.status === 201 ? absent(call) : read(call, vendor, found.body.user_id);
  },
};

/** Asks for the report; `processing` while Plaid is not ready, `failed` where it never will be. */
export async function read(call: Get, vendor: Vendor, userId: string): Promise<Outcome<"creditReports.get">> {
  const kept = toKeep(call, userId);
  try {
    const { body: base } = await vendor.call("craCheckReportBaseReportGet", {
      body: { user_id: userId },
    });
    if (base.report.client_report_id !== resourceOf(call).reference) {
      throw new Fault("vendor_invalid_answer", {
        outcome: "unknown",
        counts: true,
        detail: "the base report bears another client_report_id than ours",
      });
    }
    const score = await lendScore(vendor, userId);
    return done({ ...common(call), status: "ready", report: contentOf(base, score) }, kept);
  } catch (error) {
    const code = error instanceof Fault ? error.vendor?.code : undefined;
    if (code === "PRODUCT_NOT_READY") return done({ ...common(call), status: "processing" }, kept);
    if (code === reportNotFound && call.resource?.state === undefined) return absent(call);
    if (code !== undefined && hopeless.has(code)) return failed(call, { code }, kept);
    throw error;
  }
}

/** What is not there may still be on its way: two requests make a report, and one of them was not answered. */
function absent(call: Get): Outcome<"creditReports.get"> {
  const waitedMs = call.now.getTime() - resourceOf(call).createdAt.getTime();
  if (waitedMs >= absentAfterMs) return failed(call, { code: reportNotFound });
  throw new Fault("outcome_unknown", { outcome: "unknown", detail: "no report there, or not there yet" });
}

/** Plaid's user of the report, if it is not remembered already: a webhook that comes again then changes nothing. */
export function toKeep(call: Get, userId: string): { state?: State; handles?: string[] } {
  const known = call.resource?.state as State | undefined;
  return known?.userId === userId ? {} : { state: { userId }, handles: [userId] };
}

/** The resource as failed, with Plaid's reason. */
export function failed(
  call: Get,
  reason: { code: string },
  kept: { state?: State; handles?: string[] } = {},
): Outcome<"creditReports.get"> {
  return done({ ...common(call), status: "failed", failure: failureOf(reason.code) }, kept);
}

async function lendScore(vendor: Vendor, userId: string): Promise<components["schemas"]["LendScore"] | undefined> {
  try {
    const { body } = await vendor.call("craCheckReportLendScoreGet", { body: { user_id: userId } });
    return body.report.lend_score ?? undefined;
  } catch (error) {
    if (error instanceof Fault && error.vendor !== undefined && scoreless.has(error.vendor.code)) return undefined;
    throw error;
  }
}

/** What every state of the report repeats of the order. */
function common(call: Get) {
  const { id, body, createdAt } = resourceOf(call);
  return {
    id,
    purpose: body.purpose,
    daysRequested: body.daysRequested,
    ...(body.reference === undefined ? {} : { reference: body.reference }),
    createdAt: createdAt.toISOString(),
  };
}

function resourceOf(call: Get): ResourceView<NonNullable<Get["resource"]>["body"]> {
  if (call.resource === undefined) throw new Error("creditReports.get addresses a resource");
  return call.resource;
}
