const units = ["B", "kB", "MB", "GB", "TB", "PB"] as const;
const decimals = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });

/** Three significant digits, with thousands separated. */
export function number(value: number): string {
  return decimals.format(value);
}

/** The same with the unit that fits, powers of 1,000. */
export function bytes(value: number): string {
  const at = value < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(value) / 3));
  return `${number(value / 1_000 ** at)} ${units[at]}`;
}
