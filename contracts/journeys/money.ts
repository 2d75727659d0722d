import { isBody } from "./fill.ts";

/** Hundredths of a Money body with two decimals. Throws if it is not one. */
export function minorUnits(money: unknown): bigint {
  const text = isBody(money) ? money["amount"] : undefined;
  const match = typeof text === "string" ? /^(\d+)\.(\d\d)$/.exec(text) : null;
  if (match === null) throw new Error(`${JSON.stringify(money)} is no amount with two decimals`);
  return BigInt(`${match[1]}${match[2]}`);
}
