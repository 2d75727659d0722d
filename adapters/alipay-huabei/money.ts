import { Fault, rejected } from "#capability";

/** Minor units of yuan (分) from what Alipay writes or we configured: up to two decimals. Throws RangeError on anything else. */
export function fenOf(yuan: string): bigint {
  const match = /^(\d{1,13})(?:\.(\d{1,2}))?$/.exec(yuan);
  if (match === null) throw new RangeError("not an amount in yuan");
  return BigInt(match[1] ?? "") * 100n + BigInt((match[2] ?? "").padEnd(2, "0"));
}

/** `1234n` → `"12.34"`. */
export function yuanOf(fen: bigint): string {
  const digits = `${fen}`.padStart(3, "0");
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

export interface Money {
  amount: string;
  currency: string;
}

/** Money of the contract from minor units. */
export function cny(fen: bigint): Money {
  return { amount: yuanOf(fen), currency: "CNY" };
}

/**
 * The minor units of an amount that a partner named. Throws a rejected `amount_out_of_range` if it is not yuan, has a
 * fraction of a fen, or lies outside `limits` (yuan).
 */
export function askedFen(money: Money, limits: { minAmountYuan: string; maxAmountYuan: string }): bigint {
  if (money.currency !== "CNY") throw rejected("amount_out_of_range", "Alipay's instalments are in CNY only");
  if (!/^\d{1,13}(\.\d{1,2})?$/.test(money.amount)) throw rejected("amount_out_of_range", "CNY has two decimals");
  const fen = fenOf(money.amount);
  if (fen < fenOf(limits.minAmountYuan) || fen > fenOf(limits.maxAmountYuan)) {
    throw rejected("amount_out_of_range", `outside ${limits.minAmountYuan} to ${limits.maxAmountYuan} CNY`);
  }
  return fen;
}

/** Compares what Alipay says with what was asked. Throws an unknown `vendor_invalid_answer` on a difference. */
export function sameFen(said: string | undefined, asked: bigint, what: string): void {
  if (said !== undefined && fenOf(said) === asked) return;
  throw invalidAnswer(`${what} is ${said === undefined ? "missing" : "not the amount that was asked"}`);
}

/** The vendor's answer contradicts what was asked: nothing in it may be believed. */
export function invalidAnswer(detail: string): Fault {
  return new Fault("vendor_invalid_answer", { outcome: "unknown", counts: true, detail });
}
