import { done, rejected } from "#capability";
import type { Call, Capability, OperationId } from "#capability";
import { accountOf, bankAccountId } from "./account.ts";
import { invalidAnswer } from "./bank.ts";
import type { Vendor } from "./bank.ts";
import type { Config } from "./config.ts";
import { queryOfNext, readCursor, writeCursor } from "./cursor.ts";
import { asCustomer } from "./customer.ts";
import type { Customer } from "./customer.ts";
import { balanceOf, transactionOf } from "./entries.ts";
import { readConsentState } from "./state.ts";
import type { components, operations } from "./vendor.d.ts";

type BankAccount = components["schemas"]["Account"];
type AccountsPage = components["schemas"]["ReadAccounts"];
type BankTransaction = components["schemas"]["Transaction"];

const maxAccountPages = 10;
const maxAccounts = 200;
const defaultLimit = 50;

/** The accounts that a consent opens: `/accounts` of the account information API, with the customer's token. */
export const bankAccounts: Capability<"bankAccounts", operations, Config> = {
  async list(call, vendor) {
    const customer = customerOf(call, vendor);
    const page = new URL("/open-banking/v4.0/aisp/accounts", call.config.apiBaseUrl);
    const accounts: BankAccount[] = [];
    let query: Record<string, string> | undefined = {};
    for (let pages = 0; query !== undefined; pages += 1) {
      if (pages === maxAccountPages) throw invalidAnswer("more accounts than can be listed");
      const answer: AccountsPage = await readAccounts(customer, query);
      accounts.push(...(answer.Data.Account ?? []));
      query = answer.Links?.Next === undefined ? undefined : queryOfNext(answer.Links.Next, page);
    }
    const data = accounts.flatMap((account) => accountOf(account) ?? []);
    if (data.length > maxAccounts) throw invalidAnswer("more accounts than can be listed");
    return done({ data });
  },

  async get(call, vendor) {
    const AccountId = bankAccountId(call.input.path.bankAccountId);
    const customer = customerOf(call, vendor);
    const { body } = await asCustomer(customer, (authorization) =>
      vendor.call("GetAccountsAccountId", { path: { AccountId }, header: { authorization } }),
    );
    const found = body.Data.Account?.find((account) => account.AccountId === AccountId);
    const account = found === undefined ? undefined : accountOf(found);
    if (account === undefined) throw rejected("resource_not_found");
    return done(account);
  },

  async balances(call, vendor) {
    const AccountId = bankAccountId(call.input.path.bankAccountId);
    const customer = customerOf(call, vendor);
    const { body } = await asCustomer(customer, (authorization) =>
      vendor.call("GetAccountsAccountIdBalances", { path: { AccountId }, header: { authorization } }),
    );
    return done({ data: ofAccount(body.Data.Balance, AccountId).map(balanceOf) });
  },

  async transactions(call, vendor) {
    const AccountId = bankAccountId(call.input.path.bankAccountId);
    const { fromDate, toDate, cursor, limit = defaultLimit } = call.input.query;
    const dates: Record<string, string> = {
      ...(fromDate !== undefined && { fromBookingDateTime: `${fromDate}T00:00:00Z` }),
      ...(toDate !== undefined && { toBookingDateTime: `${toDate}T23:59:59Z` }),
    };
    const { query, offset } = cursor === undefined ? { query: dates, offset: 0 } : readCursor(cursor);
    const customer = customerOf(call, vendor);
    const { body } = await asCustomer(customer, (authorization) =>
      vendor.call("GetAccountsAccountIdTransactions", { path: { AccountId }, header: { authorization }, query }),
    );
    const entries = ofAccount(body.Data.Transaction ?? [], AccountId).toSorted(newestFirst);
    const end = offset + limit;
    const next = body.Links?.Next;
    const path = `/open-banking/v4.0/aisp/accounts/${encodeURIComponent(AccountId)}/transactions`;
    const page = new URL(path, call.config.apiBaseUrl);
    return done({
      data: entries.slice(offset, end).map(transactionOf),
      ...(end < entries.length
        ? { nextCursor: writeCursor({ query, offset: end }) }
        : next !== undefined && { nextCursor: writeCursor({ query: queryOfNext(next, page), offset: 0 }) }),
    });
  },
};

async function readAccounts(customer: Customer, query: Record<string, string>): Promise<AccountsPage> {
  const { body } = await asCustomer(customer, (authorization) =>
    customer.vendor.call("GetAccounts", { header: { authorization }, query }),
  );
  return body;
}

function customerOf(call: Call<OperationId, Config>, vendor: Vendor): Customer {
  const consent = call.parents.consents;
  if (consent === undefined) throw rejected("consent_required");
  const { tokens } = readConsentState(consent.state) ?? {};
  return { reference: consent.reference, tokens, vendor, now: call.now };
}

/** Throws if the bank answered about another account than was asked for. */
function ofAccount<T extends { AccountId: string }>(entries: readonly T[], accountId: string): readonly T[] {
  if (entries.some((entry) => entry.AccountId !== accountId)) throw invalidAnswer("entries of another account");
  return entries;
}

function newestFirst(one: BankTransaction, other: BankTransaction): number {
  return Date.parse(other.BookingDateTime) - Date.parse(one.BookingDateTime);
}
