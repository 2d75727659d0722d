/** `12.34` as 1234n fen. */
export function fenOf(amount: string): bigint {
  const [yuan = "0", fen = ""] = amount.split(".");
  return BigInt(yuan) * 100n + BigInt(fen.padEnd(2, "0"));
}

/** 1234n fen as `12.34`. */
export function yuanOf(fen: bigint): string {
  return `${fen / 100n}.${String(fen % 100n).padStart(2, "0")}`;
}
