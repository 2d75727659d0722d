const offset = "+08:00";

/** The vendor's clock on the wall in Hangzhou. */
const wall = new Intl.DateTimeFormat("sv-SE", {
  timeZone: "Asia/Shanghai",
  dateStyle: "short",
  timeStyle: "medium",
});

/** `yyyy-MM-dd HH:mm:ss` in GMT+8. */
export function wallTime(at: Date): string {
  return wall.format(at);
}

/** Reads such a time; NaN if it is none. */
export function readWallMs(text: string): number {
  return /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(text) ? Date.parse(`${text.replace(" ", "T")}${offset}`) : Number.NaN;
}
