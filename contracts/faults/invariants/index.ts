/** The invariants I-1 to I-9 of the design, judged over what a harness observed. */
import { apart, sums } from "./apart.ts";
import { forward } from "./forward.ts";
import { known } from "./known.ts";
import type { Finding, Judge, Observed } from "./observed.ts";
import { kept, once, refusedForGood } from "./once.ts";
import { signed, told } from "./told.ts";

export type { CallSeen, Finding, Observed, ResourceSeen, WebhookSeen } from "./observed.ts";
export { amountIn } from "./apart.ts";

const judges: readonly Judge[] = [once, kept, refusedForGood, known, forward, told, signed, apart, sums];

/** Those that hold at any moment, also in the midst of faults. */
const always: readonly Judge[] = [once, forward, signed, apart];

/** What is wrong already, before anything has come to rest. */
export function judgeSoFar(observed: Observed): Finding[] {
  return always.flatMap((each) => each(observed));
}

/** Everything that is wrong; empty when all promises were kept. */
export function judge(observed: Observed): Finding[] {
  return judges.flatMap((each) => each(observed));
}
