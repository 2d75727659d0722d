import { unsuitable } from "#capability";
import type { Call } from "#capability";
import type { components } from "./vendor.d.ts";

type Ours = Call<"consents.create">["input"]["body"]["permissions"][number];
type Theirs = components["schemas"]["Permission"];

const names: Record<Ours, Theirs> = {
  accounts_basic: "ReadAccountsBasic",
  accounts_detail: "ReadAccountsDetail",
  balances: "ReadBalances",
  transactions_basic: "ReadTransactionsBasic",
  transactions_detail: "ReadTransactionsDetail",
  transactions_credits: "ReadTransactionsCredits",
  transactions_debits: "ReadTransactionsDebits",
};

/**
 * Our permissions in the standard's words. The standard wants basic or detail together with credits or debits: both
 * directions are asked for when none is named. Throws `request_invalid` for a direction without transactions.
 */
export function permissionsOf(permissions: readonly Ours[]): Theirs[] {
  const theirs = permissions.map((permission) => names[permission]);
  const reads = theirs.some((name) => name === "ReadTransactionsBasic" || name === "ReadTransactionsDetail");
  const narrows = theirs.some((name) => name === "ReadTransactionsCredits" || name === "ReadTransactionsDebits");
  if (narrows && !reads)
    throw unsuitable({
      pointer: "/permissions",
      detail: "credits or debits need transactions_basic or transactions_detail",
    });
  return reads && !narrows ? [...theirs, "ReadTransactionsCredits", "ReadTransactionsDebits"] : theirs;
}
