import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fenOf } from "./money.ts";
import { feeOf, partsOf, planFor } from "./plans.ts";
import type { FeeBearer, Periods } from "./plans.ts";
import type { Config } from "./config.ts";

function contract(periods: Periods, feeBearer: FeeBearer, feeRate: string): Config {
  const config: Pick<Config, "rates"> = { rates: [{ periods, feeBearer, feeRate }] };
  return config as Config;
}

const amounts = fc.bigInt({ min: 12n, max: 10_000_000_000n });
const rates = fc.bigInt({ min: 0n, max: 99_999_999n }).map((rate) => `0.${`${rate}`.padStart(8, "0")}`);
const periodsOf = fc.constantFrom<Periods>(3, 6, 12);
const bearers = fc.constantFrom<FeeBearer>("customer", "merchant");
const sum = (amountsIn: readonly { amount: string }[]): bigint =>
  amountsIn.reduce((total, money) => total + fenOf(money.amount), 0n);

describe("a plan", () => {
  it("is the contract's example: 1000 yuan in 3 at 2.3 %", () => {
    const plan = planFor(100_000n, 3, "customer", contract(3, "customer", "0.023"));
    expect(plan).toMatchObject({ feeAmount: { amount: "23.00" }, totalAmount: { amount: "1023.00" } });
    expect(plan?.schedule.map((entry) => [entry.principal.amount, entry.fee.amount, entry.amount.amount])).toEqual([
      ["333.34", "7.68", "341.02"],
      ["333.33", "7.66", "340.99"],
      ["333.33", "7.66", "340.99"],
    ]);
  });

  it("adds up to the fen, whatever the amount and the rate", () => {
    fc.assert(
      fc.property(amounts, rates, periodsOf, bearers, (amountFen, rate, periods, bearer) => {
        const plan = planFor(amountFen, periods, bearer, contract(periods, bearer, rate));
        if (plan === undefined) throw new Error("no plan");
        expect(plan.schedule).toHaveLength(periods);
        expect(sum(plan.schedule.map((entry) => entry.principal))).toBe(amountFen);
        expect(sum(plan.schedule.map((entry) => entry.fee))).toBe(fenOf(plan.feeAmount.amount));
        expect(sum(plan.schedule.map((entry) => entry.amount))).toBe(fenOf(plan.totalAmount.amount));
        expect(fenOf(plan.totalAmount.amount)).toBe(amountFen + fenOf(plan.feeAmount.amount));
        const [customer, merchant] = [fenOf(plan.feeAmount.amount), fenOf(plan.merchantFee.amount)];
        expect(bearer === "customer" ? merchant : customer).toBe(0n);
        expect(customer + merchant).toBe(feeOf(amountFen, rate));
      }),
    );
  });

  it("puts what is left over on the first instalment, and makes all others equal", () => {
    fc.assert(
      fc.property(amounts, periodsOf, (amountFen, periods) => {
        const [first = 0n, ...others] = partsOf(amountFen, periods);
        expect(new Set(others).size).toBe(1);
        const rest = first - (others[0] ?? 0n);
        expect(rest).toBe(amountFen % BigInt(periods));
      }),
    );
  });

  it("is not offered where the contract has no rate, nor where an instalment would be nothing", () => {
    const config = contract(12, "customer", "0.075");
    expect(planFor(100n, 6, "customer", config)).toBeUndefined();
    expect(planFor(100n, 12, "merchant", config)).toBeUndefined();
    expect(planFor(11n, 12, "customer", config)).toBeUndefined();
    expect(planFor(12n, 12, "customer", config)?.schedule[0]?.principal.amount).toBe("0.01");
  });
});

describe("the fee", () => {
  it("is rounded half to even, as in Alipay's example", () => {
    expect(feeOf(50n, "0.01")).toBe(0n);
    expect(feeOf(150n, "0.01")).toBe(2n);
    expect(feeOf(250n, "0.01")).toBe(2n);
    expect(feeOf(251n, "0.01")).toBe(3n);
    expect(feeOf(100_000n, "0")).toBe(0n);
  });

  it("is never further than half a fen from the exact product", () => {
    fc.assert(
      fc.property(amounts, rates, (amountFen, rate) => {
        const exact = amountFen * BigInt(rate.slice(2));
        const off = feeOf(amountFen, rate) * 100_000_000n - exact;
        expect(off <= 50_000_000n && off >= -50_000_000n).toBe(true);
      }),
    );
  });
});
