/** Rate limits and replay windows that several processes hold together. See README.md. */
export type { Admitted, Consumed, Counted, Counts, FarCounts, Nonce, Quota } from "./counts.ts";
export { openCounts } from "./open.ts";
