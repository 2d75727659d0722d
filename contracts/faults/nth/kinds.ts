import type { FaultKind } from "../world/weather.ts";

/** What the loop places at each effect; first what few effects can suffer, so that a short run has seen every kind. */
export const nthKinds: readonly FaultKind[] = [
  "swallowed",
  "error_before",
  "error_after",
  "page_after",
  "busy",
  "garbled_after",
  "altered_after",
  "slow",
  "dies_after",
  "dies_before",
  "fails_after",
  "hangs",
  "fails_before",
  "stalls",
  "clock_forward",
  "clock_back",
];
