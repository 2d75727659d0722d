import { randomUUID } from "node:crypto";
import type { WireRequest } from "#mocks";
import { customerAccounts, entries, pounds } from "./accounts.ts";
import type { CustomerAccount, Entry } from "./accounts.ts";
import type { Bank, Consent } from "./bank.ts";
import { bodyOf, consentBody, consentStatus, findConsent, grantOf } from "./consents.ts";
import { recordedBalance } from "./recorded.ts";
import { Refusal } from "./refusals.ts";

const base = "/open-banking/v4.0/aisp";
const consentsPath = `${base}/account-access-consents`;
const pageSize = 25;

interface Answer {
  status: number;
  body?: unknown;
}

/** The account information API: staging and ending consents, and reading what they open. */
export async function aisp(bank: Bank, request: WireRequest, operation: string): Promise<Answer> {
  const [, resource = "", id = ""] = request.path.slice(base.length).split("/");
  if (resource === "account-access-consents") {
    grantOf(bank, request, "accounts", "client");
    if (request.headers["x-jws-signature"] !== undefined)
      throw new Refusal(400, "U020", "not expected", "x-jws-signature");
    if (operation === "CreateAccountAccessConsents") return stage(bank, request);
    const consent = findConsent(bank, decodeURIComponent(id), "accounts");
    if (request.method === "GET") return { status: 200, body: consentBody(bank, consentsPath, consent) };
    bank.consents.set(consent.id, { ...consent, status: "DELETED", updatedAt: bank.now().toISOString() });
    return { status: 204 };
  }
  const permissions = permissionsOf(bank, request);
  if (operation === "GetAccounts")
    return read(bank, request, { Account: customerAccounts.map((one) => show(one, permissions)) });
  const account = customerAccounts.find((one) => one.AccountId === decodeURIComponent(id));
  if (account === undefined) throw new Refusal(400, "U011", "no such account", "AccountId");
  if (operation === "GetAccountsAccountId") return read(bank, request, { Account: [show(account, permissions)] });
  if (operation === "GetAccountsAccountIdBalances") {
    need(permissions, "ReadBalances");
    return read(bank, request, { Balance: [balance(bank, account)] });
  }
  return transactions(bank, request, account, permissions);
}

function stage(bank: Bank, request: WireRequest): Answer {
  const { Data: data, Risk: risk } = bodyOf(request);
  const permissions = data["Permissions"];
  if (!Array.isArray(permissions) || permissions.length === 0)
    throw new Refusal(400, "U004", "missing", "Data.Permissions");
  const has = (suffix: RegExp) => permissions.some((name) => suffix.test(String(name)));
  if (has(/^ReadTransactions(Basic|Detail)$/) !== has(/^ReadTransactions(Credits|Debits)$/)) {
    throw new Refusal(400, "U002", "transactions need basic or detail, and credits or debits", "Data.Permissions");
  }
  const expires = data["ExpirationDateTime"];
  if (typeof expires === "string" && !(Date.parse(expires) > bank.now().getTime())) {
    throw new Refusal(400, "U003", "must be in the future", "Data.ExpirationDateTime");
  }
  const createdAt = bank.now().toISOString();
  const consent: Consent = {
    id: `aac-${randomUUID()}`,
    api: "accounts",
    status: "AWAU",
    createdAt,
    updatedAt: createdAt,
    data,
    risk,
  };
  bank.consents.set(consent.id, consent);
  return { status: 201, body: consentBody(bank, consentsPath, consent) };
}

function permissionsOf(bank: Bank, request: WireRequest): ReadonlyMap<string, Consent> {
  const grant = grantOf(bank, request, "accounts", "customer");
  const consent = findConsent(bank, grant.consentId ?? "", "accounts");
  if (consentStatus(bank, consent) !== "AUTH")
    throw new Refusal(403, "U009", "the consent is not authorised", "Status");
  return new Map((consent.data["Permissions"] as string[]).map((name) => [name, consent]));
}

function need(permissions: ReadonlyMap<string, Consent>, ...any: string[]): void {
  if (!any.some((name) => permissions.has(name)))
    throw new Refusal(403, "U009", `needs ${any.join(" or ")}`, "Permissions");
}

function show(account: CustomerAccount, permissions: ReadonlyMap<string, Consent>): object {
  need(permissions, "ReadAccountsBasic", "ReadAccountsDetail");
  const { scheme, number, holder, balancePence: _, ...basic } = account;
  const named = { SchemeName: scheme, Identification: number, Name: holder };
  const status = { Status: "Enabled", StatusUpdateDateTime: "2020-01-01T06:06:06+00:00" };
  return { ...basic, ...status, ...(permissions.has("ReadAccountsDetail") && { Account: [named] }) };
}

/** The recorded balance, of this account and as of now. */
function balance(bank: Bank, account: CustomerAccount): object {
  return {
    ...recordedBalance,
    AccountId: account.AccountId,
    CreditDebitIndicator: account.balancePence < 0 ? "Debit" : "Credit",
    DateTime: bank.now().toISOString().replace("Z", "+00:00"),
    Amount: pounds(account.balancePence),
  };
}

function transactions(
  bank: Bank,
  request: WireRequest,
  account: CustomerAccount,
  permissions: ReadonlyMap<string, Consent>,
): Answer {
  need(permissions, "ReadTransactionsBasic", "ReadTransactionsDetail");
  const data = [...permissions.values()][0]?.data ?? {};
  const after = Math.max(time(request.query.get("fromBookingDateTime")), time(data["TransactionFromDateTime"]));
  const before = Math.min(
    time(request.query.get("toBookingDateTime"), Infinity),
    time(data["TransactionToDateTime"], Infinity),
  );
  const found = entries(account.AccountId)
    .filter((entry) => permissions.has(entry.credit ? "ReadTransactionsCredits" : "ReadTransactionsDebits"))
    .filter((entry) => entry.bookedAt.getTime() >= after && entry.bookedAt.getTime() <= before);
  const page = Number(request.query.get("page") ?? "1");
  const pages = Math.max(1, Math.ceil(found.length / pageSize));
  if (!Number.isInteger(page) || page < 1 || page > pages) throw new Refusal(400, "U002", "no such page", "page");
  const detail = permissions.has("ReadTransactionsDetail");
  const slice = found.slice((page - 1) * pageSize, page * pageSize);
  const Transaction = slice.map((entry) => showEntry(account, entry, detail));
  const next = new URLSearchParams(request.query);
  next.set("page", String(page + 1));
  return read(bank, request, { Transaction }, page < pages ? `?${next.toString()}` : undefined, pages);
}

function showEntry({ AccountId }: CustomerAccount, entry: Entry, detail: boolean): object {
  const other = { SchemeName: "UK.OBIE.SortCodeAccountNumber", ...entry.other };
  const bookedAt = entry.bookedAt.toISOString().replace("Z", "+00:00");
  return {
    AccountId,
    TransactionId: entry.id,
    CreditDebitIndicator: entry.credit ? "Credit" : "Debit",
    Status: entry.pending ? "PDNG" : "BOOK",
    BookingDateTime: bookedAt,
    ValueDateTime: bookedAt,
    Amount: pounds(entry.pence),
    ...(detail && {
      TransactionInformation: entry.text,
      [entry.credit ? "DebtorAccount" : "CreditorAccount"]: other,
      ...(entry.merchantCode !== undefined && {
        MerchantDetails: { MerchantName: entry.other.Name, MerchantCategoryCode: entry.merchantCode },
      }),
    }),
  };
}

function read(bank: Bank, request: WireRequest, Data: object, next?: string, pages = 1): Answer {
  const Self = `${bank.issuer}${request.target}`;
  const Links = { Self, ...(next !== undefined && { Next: `${bank.issuer}${request.path}${next}` }) };
  return { status: 200, body: { Data, Links, Meta: { TotalPages: pages } } };
}

function time(value: unknown, absent = -Infinity): number {
  return typeof value === "string" ? Date.parse(value) : absent;
}
