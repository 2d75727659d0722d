/** What goes wrong between the gateway and a vendor, in front of any mock. */
export { withFaults } from "./layer.ts";
export type { FaultLayer, Passed, Plan } from "./layer.ts";
export { strikes } from "./spoils.ts";
export type { StrikeName } from "./spoils.ts";
export type { SentCallback } from "./tap.ts";
