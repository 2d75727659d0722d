import { invalidAnswer } from "./bank.ts";
import type { components } from "./vendor.d.ts";

type BankMoney = components["schemas"]["Money"];

const maxIntegerDigits = 13;
const maxFractionDigits = 4;

/**
 * An amount of the standard (`007.5000`, up to 13 digits and 5 decimals) in our form: no leading zeros, trailing zeros
 * beyond two decimals dropped. Throws `vendor_invalid_answer` if it has more than our four decimals.
 */
export function moneyOf(money: BankMoney): { amount: string; currency: string } {
  return { amount: amountOf(money.Amount), currency: money.Currency };
}

function amountOf(amount: string): string {
  const [whole = "", fraction = ""] = amount.split(".");
  const integer = whole.replace(/^0+(?=\d)/, "");
  const kept = fraction.slice(0, 2) + fraction.slice(2).replace(/0+$/, "");
  if (!/^\d+$/.test(integer) || integer.length > maxIntegerDigits || kept.length > maxFractionDigits) {
    throw invalidAnswer("an amount beyond our scale");
  }
  return kept === "" ? integer : `${integer}.${kept}`;
}

/** Whether two decimal strings are the same amount (`10.5` and `10.50`). */
export function sameAmount(one: string, other: string): boolean {
  return canonical(one) === canonical(other);
}

function canonical(amount: string): string {
  const [whole = "", fraction = ""] = amount.split(".");
  return `${whole.replace(/^0+(?=\d)/, "")}.${fraction.replace(/0+$/, "")}`;
}
