/** Rate limits and replay windows that several processes hold together. See README.md. */
export type { Consumed, Counted, Counts, FarCounts, Quota } from "./counts.ts";
export { openCounts } from "./open.ts";
