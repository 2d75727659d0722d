import { Fault } from "#capability";

export interface PlainMoney {
  amount: string;
  currency: string;
}

/** The contract's amounts have at most 13 integer digits. */
const maxMagnitude = 1e13;

/**
 * Plaid's JSON number as a decimal string of the currency's scale: `5000` → `"5000.00"`, averages are rounded. Undefined
 * where Plaid has no value or only an unofficial currency. Throws a `Fault` for what cannot be money.
 */
export function money(amount: number | null | undefined, currency: string | null | undefined): PlainMoney | undefined {
  if (amount === null || amount === undefined || currency === null || currency === undefined) return undefined;
  if (!/^[A-Z]{3}$/.test(currency) || !Number.isFinite(amount) || Math.abs(amount) >= maxMagnitude) {
    throw new Fault("vendor_invalid_answer", {
      outcome: "unknown",
      counts: true,
      detail: "an amount is not money",
    });
  }
  const fixed = amount.toFixed(scaleOf(currency));
  return { amount: /^-0(\.0+)?$/.test(fixed) ? fixed.slice(1) : fixed, currency };
}

/** The same without its sign: Plaid writes money in as a negative amount. */
export function magnitude(amount: number | null | undefined, currency: string | null | undefined) {
  return money(typeof amount === "number" ? Math.abs(amount) : amount, currency);
}

function scaleOf(currency: string): number {
  const { maximumFractionDigits } = new Intl.NumberFormat("en", {
    style: "currency",
    currency,
  }).resolvedOptions();
  return maximumFractionDigits ?? 2;
}
