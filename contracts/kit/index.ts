/** The conformance kit: every law of the design, executable, for any adapter. */
export { checkAdapter, NoAdapter } from "./check-adapter.ts";
export { conformance } from "./conformance.ts";
export type { CheckReport, CheckResult, Runner } from "./types.ts";
