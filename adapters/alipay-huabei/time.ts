const gmt8Ms = 8 * 60 * 60 * 1_000;

/** Alipay's clock is GMT+8 whatever ours is: `2026-11-22 18:17:38`. */
export function gmt8(at: Date): string {
  return new Date(at.getTime() + gmt8Ms).toISOString().slice(0, 19).replace("T", " ");
}

/** The instant of one of Alipay's times, or undefined if it is none. */
export function instantOf(local: string | undefined): Date | undefined {
  if (local === undefined || !/^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/.test(local)) return undefined;
  const at = new Date(`${local.replace(" ", "T")}+08:00`);
  return Number.isNaN(at.getTime()) ? undefined : at;
}
