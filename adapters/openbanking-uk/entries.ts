import type { Output } from "#capability";
import { identifierOf } from "./account.ts";
import { moneyOf } from "./money.ts";
import type { components } from "./vendor.d.ts";

type Schemas = components["schemas"];
type Balance = Output<"bankAccounts.balances">["data"][number];
type Transaction = Output<"bankAccounts.transactions">["data"][number];
type BankBalance = Schemas["ReadBalances"]["Data"]["Balance"][number];

/** ISO 20022 balance types. */
const balanceTypes: Record<Schemas["BalanceType"], string> = {
  CLAV: "closing_available",
  CLBD: "closing_booked",
  FWAV: "forward_available",
  INFO: "information",
  ITAV: "interim_available",
  ITBD: "interim_booked",
  OPAV: "opening_available",
  OPBD: "opening_booked",
  PRCD: "previously_closed_booked",
  XPCD: "expected",
};

/** ISO 20022 entry statuses. */
const entryStatuses: Record<Schemas["Transaction"]["Status"], string> = {
  BOOK: "booked",
  PDNG: "pending",
  RJCT: "rejected",
  FUTR: "future",
  INFO: "information",
};

/** A balance; credit lines only tell whether one is included. */
export function balanceOf(balance: BankBalance): Balance {
  return {
    type: balanceTypes[balance.Type],
    direction: directionOf(balance.CreditDebitIndicator),
    amount: moneyOf(balance.Amount),
    ...(balance.CreditLine !== undefined && { creditIncluded: balance.CreditLine.some((line) => line.Included) }),
    asOfAt: instant(balance.DateTime),
  };
}

/** An entry; the other side is the creditor of a debit and the debtor of a credit, else the merchant. */
export function transactionOf(entry: Schemas["Transaction"]): Transaction {
  const direction = directionOf(entry.CreditDebitIndicator);
  const other = direction === "debit" ? entry.CreditorAccount : entry.DebtorAccount;
  const name = other?.Name ?? entry.MerchantDetails?.MerchantName;
  const account = other === undefined ? undefined : identifierOf(other);
  return {
    ...(entry.TransactionId !== undefined && { id: entry.TransactionId }),
    status: entryStatuses[entry.Status],
    direction,
    amount: moneyOf(entry.Amount),
    bookedAt: instant(entry.BookingDateTime),
    ...(entry.ValueDateTime !== undefined && { valueAt: instant(entry.ValueDateTime) }),
    ...(entry.TransactionInformation !== undefined && { description: entry.TransactionInformation }),
    ...((name !== undefined || account !== undefined) && {
      counterparty: { ...(name !== undefined && { name }), ...(account !== undefined && { account }) },
    }),
    ...(entry.MerchantDetails?.MerchantCategoryCode !== undefined && {
      category: `mcc:${entry.MerchantDetails.MerchantCategoryCode}`,
    }),
    ...(entry.Balance !== undefined && { balance: signed(entry.Balance) }),
  };
}

function signed(balance: NonNullable<Schemas["Transaction"]["Balance"]>): NonNullable<Transaction["balance"]> {
  const money = moneyOf(balance.Amount);
  const negative = balance.CreditDebitIndicator === "Debit" && /[1-9]/.test(money.amount);
  return { ...money, amount: negative ? `-${money.amount}` : money.amount };
}

function directionOf(indicator: Schemas["Direction"]): "credit" | "debit" {
  return indicator === "Credit" ? "credit" : "debit";
}

function instant(dateTime: string): string {
  return new Date(dateTime).toISOString();
}
