import { Fault } from "#capability";
import type { Output } from "#capability";
import { magnitude, money } from "./money.ts";
import type { components } from "./vendor.d.ts";

type Content = NonNullable<Output<"creditReports.get">["report"]>;
type Institution = Content["institutions"][number];
type Account = Institution["accounts"][number];
type Score = NonNullable<Content["score"]>;
type Schemas = components["schemas"];

const maxReasonCodes = 20;
const maxReasonLength = 256;
const maxNameLength = 128;
const maxMaskLength = 8;
const maxWarnings = 50;

/** A base report and, where there is one, the LendScore, as the contract's report. Throws a `Fault` for nonsense. */
export function contentOf(
  base: { report: Schemas["BaseReport"]; warnings: Schemas["Warning"][] },
  score: Schemas["LendScore"] | null | undefined,
): Content {
  const warnings = base.warnings.map((warning) => warning.warning_code.toLowerCase());
  if (typeof score?.score !== "number") warnings.push("score_unavailable");
  return {
    generatedAt: instant(base.report.date_generated),
    ...(score === null || score === undefined ? {} : { score: scoreOf(score) }),
    institutions: base.report.items.map(institutionOf),
    ...(warnings.length === 0 ? {} : { warnings: [...new Set(warnings)].slice(0, maxWarnings) }),
  };
}

function scoreOf(score: Schemas["LendScore"]): Score {
  return {
    model: "plaid_lend_score",
    ...(typeof score.score === "number" ? { value: score.score } : {}),
    min: 1,
    max: 99,
    reasonCodes: (score.reason_codes ?? []).slice(0, maxReasonCodes),
    ...(score.error_reason ? { unavailableReason: score.error_reason.slice(0, maxReasonLength) } : {}),
  };
}

function institutionOf(item: Schemas["Item"]): Institution {
  return {
    institutionId: item.institution_id,
    name: item.institution_name.slice(0, maxNameLength),
    lastUpdatedAt: instant(item.date_last_updated),
    accounts: item.accounts.map(accountOf),
  };
}

function accountOf(account: Schemas["Account"]): Account {
  const { balances, attributes } = account;
  const currency = balances.iso_currency_code;
  const name = account.official_name || account.name;
  return present({
    accountId: account.account_id,
    name: name === "" ? undefined : name.slice(0, maxNameLength),
    mask: account.mask ? account.mask.slice(-maxMaskLength) : undefined,
    type: account.type,
    subtype: account.subtype ?? undefined,
    // A base report lists open accounts, but does not say so for one of them.
    status: "unstated" as const,
    ownership: account.ownership_type ?? undefined,
    balance: money(balances.current, currency),
    available: money(balances.available, currency),
    limit: magnitude(balances.limit, currency),
    averageBalance: money(balances.average_balance, currency),
    inflow: magnitude(attributes?.total_inflow_amount?.amount, attributes?.total_inflow_amount?.iso_currency_code),
    outflow: magnitude(attributes?.total_outflow_amount?.amount, attributes?.total_outflow_amount?.iso_currency_code),
    overdraftCount: attributes?.nsf_overdraft_transactions_count,
    transactionCount: account.transactions.length,
    daysAvailable: Math.floor(account.days_available),
  });
}

type Present<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** Without the fields that have no value: the contract knows no null. */
function present<T extends object>(fields: T): Present<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Present<T>;
}

/** RFC 3339 in UTC with milliseconds; Plaid writes nanoseconds. */
function instant(text: string): string {
  const at = new Date(text);
  if (Number.isNaN(at.getTime())) {
    throw new Fault("vendor_invalid_answer", {
      outcome: "unknown",
      counts: true,
      detail: "a time is not a time",
    });
  }
  return at.toISOString();
}
