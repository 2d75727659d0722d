/** What happens when more arrives than can be done. */
export { createAdmission } from "./admission.ts";
export { neverOverloaded } from "./limits.ts";
export type { OverloadLimits } from "./limits.ts";
export { shed } from "./shed.ts";
export type { Shed } from "./shed.ts";
