import { createHash } from "node:crypto";
import type { Report } from "./reports.ts";
import type { User } from "./users.ts";

const dayMs = 24 * 60 * 60 * 1000;
/** The sandbox's Houndstooth Bank reports this many transactions per account. */
const transactionsPerAccount = 24;

/** The base report of a consumer who has linked a checking account and a credit card at one bank. */
export function baseReport(user: User, report: Report): Record<string, unknown> {
  const generated = new Date(report.readyAt);
  const cents = createHash("sha256").update(user.userId).digest().readUInt16BE(0);
  const accounts = [
    account(user, report, {
      subtype: "checking",
      type: "depository",
      current: 1_200 + cents / 100,
      limit: null,
    }),
    account(user, report, { subtype: "credit card", type: "credit", current: 310.5, limit: 2_000 }),
  ];
  return {
    report_id: report.reportId,
    date_generated: generated.toISOString().replace("Z", "331716Z"),
    days_requested: report.daysRequested,
    client_report_id: report.clientReportId,
    items: [
      {
        institution_name: "Houndstooth Bank",
        institution_id: "ins_109512",
        item_id: idOf(`item:${user.userId}`),
        date_last_updated: generated.toISOString(),
        accounts,
      },
    ],
    attributes: { nsf_overdraft_transactions_count: 1 },
  };
}

interface Kind {
  type: "depository" | "credit";
  subtype: string;
  current: number;
  limit: number | null;
}

function account(user: User, report: Report, { type, subtype, current, limit }: Kind): Record<string, unknown> {
  const accountId = idOf(`${subtype}:${user.userId}`);
  const depository = type === "depository";
  const usd = { iso_currency_code: "USD", unofficial_currency_code: null };
  const day = (before: number): string => new Date(report.readyAt - before * dayMs).toISOString().slice(0, 10);
  return {
    account_id: accountId,
    balances: {
      available: depository ? current - 20 : null,
      current,
      limit,
      average_balance: 980.125,
      ...usd,
    },
    consumer_disputes: [],
    mask: depository ? "1208" : "3333",
    metadata: { start_date: day(report.daysRequested), end_date: day(0) },
    name: depository ? "Checking" : "Credit Card",
    official_name: depository ? "Plaid checking" : null,
    type,
    subtype,
    days_available: report.daysRequested,
    transactions: Array.from({ length: transactionsPerAccount }, (_, at) => ({
      account_id: accountId,
      transaction_id: idOf(`transaction:${accountId}:${at}`),
      amount: depository && at % 6 === 0 ? -2_500 : 37.07,
      date: day(at * 7),
      original_description: "AMZN Mktp US*11111111 Amzn.com/bill WA AM",
      pending: false,
      ...usd,
    })),
    owners: [{ names: [`${user.identity?.name?.given_name} ${user.identity?.name?.family_name}`] }],
    ownership_type: depository ? "individual" : null,
    attributes: {
      nsf_overdraft_transactions_count: depository ? 1 : 0,
      total_inflow_amount: depository ? { amount: -10_000, ...usd } : null,
      total_outflow_amount: { amount: depository ? 741.4 : 889.68, ...usd },
    },
  };
}

/** Stable, 37 characters, as Plaid's ids are. */
function idOf(seed: string): string {
  return createHash("sha256").update(seed).digest("base64url").replaceAll(/[-_]/g, "x").slice(0, 37);
}
