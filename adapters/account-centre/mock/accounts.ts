import type { MockContext, Table } from "#mocks";
import { Refused } from "./problems.ts";
import type { Found } from "./problems.ts";
import { pendingMs, scenarioOf } from "./scenarios.ts";
import type { Trouble } from "./scenarios.ts";

export interface Customer {
  name: string;
  nationalId: string;
  phone: string;
  email?: string;
  reference: string;
}

interface Account {
  partnerId: string;
  /** Order of opening, over all partners. */
  number: number;
  id: string;
  customer: Customer;
  createdAt: string;
  /** When a pending account settles. */
  settlesAt?: string;
  closedAt?: string;
  closingReason?: string;
}

/** A body to answer with, and what goes wrong with the answer. */
export interface Given {
  status: number;
  body: Record<string, unknown>;
  location?: string;
  trouble?: Trouble;
}

export interface Accounts {
  open(partnerId: string, id: string, customer: Customer): Given;
  get(partnerId: string, id: string): Given;
  list(partnerId: string, limit: number, cursor: string | undefined): Given;
  close(partnerId: string, id: string, reason: string): Given;
}

/** The platform's books: each partner sees its own accounts only; a person has one open account per partner. */
export function createAccounts(context: MockContext): Accounts {
  const accounts = context.table<Account>("accounts");

  function ofPartner(partnerId: string): Account[] {
    return accounts
      .entries()
      .map(([, account]) => account)
      .filter((account) => account.partnerId === partnerId);
  }

  function find(partnerId: string, id: string): Account {
    const account = accounts.get(id);
    if (account?.partnerId !== partnerId) throw new Refused("resource_not_found", "The partner has no such account.");
    return account;
  }

  const shown = (account: Account): Record<string, unknown> => view(account, context.now());

  return {
    open(partnerId, id, customer) {
      const scenario = scenarioOf(customer.name);
      if (scenario.refusal !== undefined) throw new Refused(...scenario.refusal);
      const others = ofPartner(partnerId);
      if (accounts.get(id) !== undefined) throw new Refused("resource_state_conflict", "The Resource-Id is taken.");
      if (others.some((other) => other.customer.reference === customer.reference)) {
        throw new Refused("duplicate_reference", "Another account of the partner bears this reference.");
      }
      const alive = (account: Account): boolean => !["closed", "rejected"].includes(String(shown(account)["status"]));
      if (others.some((other) => other.customer.nationalId === customer.nationalId && alive(other))) {
        throw new Refused("resource_state_conflict", "The customer already has an account with the partner.");
      }
      const now = context.now();
      const account: Account = {
        partnerId,
        number: nextNumber(accounts),
        id,
        customer,
        createdAt: now.toISOString(),
        ...(scenario.pending === undefined ? {} : { settlesAt: new Date(now.getTime() + pendingMs).toISOString() }),
      };
      if (!scenario.opening?.lost) accounts.set(id, account);
      const body = shown(account);
      return {
        status: body["status"] === "pending" ? 202 : 201,
        body,
        location: `/v1/customer-accounts/${id}`,
        ...(scenario.opening === undefined ? {} : { trouble: scenario.opening }),
      };
    },

    get: (partnerId, id) => ({ status: 200, body: shown(find(partnerId, id)) }),

    list(partnerId, limit, cursor) {
      const before = cursor === undefined ? Infinity : readCursor(cursor);
      const rest = ofPartner(partnerId)
        .filter((account) => account.number < before)
        .toSorted((one, other) => other.number - one.number);
      const page = rest.slice(0, limit);
      const last = page.at(-1);
      const more = last !== undefined && rest.length > page.length;
      return {
        status: 200,
        body: { data: page.map(shown), ...(more ? { nextCursor: writeCursor(last.number) } : {}) },
      };
    },

    close(partnerId, id, reason) {
      const account = find(partnerId, id);
      const scenario = scenarioOf(account.customer.name);
      const { status } = shown(account);
      if (status !== "open")
        throw new Refused("resource_state_conflict", `The account is ${String(status)}, not open.`);
      if (scenario.balance) throw new Refused("resource_state_conflict", "There is money on the account.");
      const closed = { ...account, closedAt: context.now().toISOString(), closingReason: reason };
      accounts.set(id, closed);
      return {
        status: 200,
        body: shown(closed),
        ...(scenario.closing === undefined ? {} : { trouble: scenario.closing }),
      };
    },
  };
}

/** The account as the contract shows it, at this time. */
function view(account: Account, now: Date): Record<string, unknown> {
  const { id, number, customer, createdAt, settlesAt, closedAt, closingReason } = account;
  const common = { id, reference: customer.reference, createdAt };
  if (settlesAt !== undefined && now.toISOString() < settlesAt) return { ...common, status: "pending" };
  if (scenarioOf(customer.name).pending === "rejected") {
    const failure = { code: "vendor_rejected", detail: "The platform's review declined the customer." };
    return { ...common, status: "rejected", failure, updatedAt: settlesAt };
  }
  const open = {
    ...common,
    accountNumber: `6228${String(number).padStart(15, "0")}`,
    openedAt: settlesAt ?? createdAt,
  };
  if (closedAt === undefined) return { ...open, status: "open" };
  return { ...open, status: "closed", closedAt, closingReason, updatedAt: closedAt };
}

function nextNumber(accounts: Table<Account>): number {
  return accounts.entries().length + 1;
}

function writeCursor(number: number): string {
  return Buffer.from(`before:${number}`).toString("base64url");
}

function readCursor(cursor: string): number {
  const number = /^before:(\d{1,9})$/.exec(Buffer.from(cursor, "base64url").toString())?.[1];
  if (number !== undefined) return Number(number);
  const found: Found = { parameter: "cursor", detail: "is none of ours" };
  throw new Refused("request_invalid", "Take the cursor from nextCursor.", [found]);
}
