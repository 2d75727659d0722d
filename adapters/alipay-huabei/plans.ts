import type { Output } from "#capability";
import type { Config } from "./config.ts";
import { cny } from "./money.ts";

export type Plan = Output<"instalments.quote">["plans"][number];
export type Periods = Plan["periods"];
export type FeeBearer = Plan["feeBearer"];

const rateScale = 8;

/** `"0.023"` → 2300000n: hundred-millionths. */
function scaledRate(rate: string): bigint {
  const [whole = "", fraction = ""] = rate.split(".");
  return BigInt(whole + fraction.padEnd(rateScale, "0"));
}

/**
 * The fee in fen: amount × rate, rounded half to even. That is how Alipay's own example for sellers computes the whole fee
 * (BigDecimal.ROUND_HALF_EVEN on fen).
 */
export function feeOf(amountFen: bigint, rate: string): bigint {
  const one = 10n ** BigInt(rateScale);
  const product = amountFen * scaledRate(rate);
  const whole = product / one;
  const twice = (product % one) * 2n;
  return twice > one || (twice === one && whole % 2n === 1n) ? whole + 1n : whole;
}

/** Equal parts rounded down, as Alipay's example does; what is left over goes to the first part, which is ours to decide. */
export function partsOf(sum: bigint, count: number): bigint[] {
  const part = sum / BigInt(count);
  const rest = sum % BigInt(count);
  return Array.from({ length: count }, (_, index) => (index === 0 ? part + rest : part));
}

/** The plan for an amount by the seller's contract, or undefined if the contract has none for it. */
export function planFor(amountFen: bigint, periods: Periods, feeBearer: FeeBearer, config: Config): Plan | undefined {
  const rate = config.rates.find((row) => row.periods === periods && row.feeBearer === feeBearer);
  if (rate === undefined || amountFen < BigInt(periods)) return undefined;
  const fee = feeOf(amountFen, rate.feeRate);
  const customerFee = feeBearer === "customer" ? fee : 0n;
  const principals = partsOf(amountFen, periods);
  const fees = partsOf(customerFee, periods);
  return {
    periods,
    feeBearer,
    feeRate: rate.feeRate,
    feeAmount: cny(customerFee),
    totalAmount: cny(amountFen + customerFee),
    merchantFee: cny(fee - customerFee),
    schedule: principals.map((principal, index) => {
      const share = fees[index] ?? 0n;
      return {
        number: index + 1,
        principal: cny(principal),
        fee: cny(share),
        amount: cny(principal + share),
      };
    }),
  };
}
