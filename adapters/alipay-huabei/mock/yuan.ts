/** `"12.3"` → 1230n; the caller checked the form. */
export function fen(text: string): bigint {
  const [whole = "0", cents = ""] = text.split(".");
  return BigInt(`${whole}${`${cents}00`.slice(0, 2)}`);
}

/** 1230n → `"12.30"`. */
export function yuan(amount: bigint): string {
  return `${amount / 100n}.${`${amount % 100n}`.padStart(2, "0")}`;
}
