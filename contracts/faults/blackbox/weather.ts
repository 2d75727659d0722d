import type { Choices } from "./random.ts";

/** What may happen to one exchange between the gateway and the vendor. */
export type WireFaultKind =
  | "pass"
  | "reset_on_accept"
  | "blackhole"
  | "delay"
  | "reset_in_request"
  | "swallow_answer"
  | "hang_answer"
  | "truncate_answer"
  | "reset_in_answer"
  | "slice_answer"
  | "extra_bytes"
  | "corrupt_answer";

/** What the vendor's callback meets on its way to us. */
type CallbackFaultKind = "pass" | "drop" | "refuse" | "twice" | "delay" | "storm";

/** How the partner's endpoint answers. */
export type SinkMood = "ok" | "error" | "busy" | "hang" | "reset" | "accept_then_reset";

/** The odds of a stretch of time. Nothing is random but what these say. */
export interface Weather {
  wire: Readonly<Record<WireFaultKind, number>>;
  callbacks: Readonly<Record<CallbackFaultKind, number>>;
  sink: Readonly<Record<SinkMood, number>>;
}

const calmWire: Record<WireFaultKind, number> = {
  pass: 1,
  reset_on_accept: 0,
  blackhole: 0,
  delay: 0,
  reset_in_request: 0,
  swallow_answer: 0,
  hang_answer: 0,
  truncate_answer: 0,
  reset_in_answer: 0,
  slice_answer: 0,
  extra_bytes: 0,
  corrupt_answer: 0,
};
const calmSink: Record<SinkMood, number> = { ok: 1, error: 0, busy: 0, hang: 0, reset: 0, accept_then_reset: 0 };
const calmCallbacks: Record<CallbackFaultKind, number> = { pass: 1, drop: 0, refuse: 0, twice: 0, delay: 0, storm: 0 };

/** No fault at all: what the liveness phase waits in. */
export const calm: Weather = { wire: calmWire, callbacks: calmCallbacks, sink: calmSink };

const faults = (Object.keys(calmWire) as WireFaultKind[]).filter((kind) => kind !== "pass");

/**
 * The weather of one round. Mostly one kind of wire fault at a time and few exchanges hit, so that the breaker does not
 * stay open and hide everything behind it; now and then a storm of all kinds.
 */
export function weatherOf(choices: Choices): Weather {
  const [first, ...rest] = faults;
  if (first === undefined) throw new Error("no faults");
  const share = choices.weighted({ none: 3, some: 5, storm: 1 });
  const wire = { ...calmWire };
  if (share === "some") wire[choices.pick([first, ...rest])] = 0.5;
  if (share === "storm") for (const kind of faults) wire[kind] = 0.15;
  const sink = choices.chance(0.25)
    ? { ok: 0.2, error: 1, busy: 0.5, hang: 0.3, reset: 1, accept_then_reset: 1 }
    : { ...calmSink, ok: 8, accept_then_reset: 1 };
  const callbacks = choices.chance(0.5)
    ? { pass: 2, drop: 1, refuse: 1, twice: 1, delay: 1, storm: 0.2 }
    : { ...calmCallbacks, pass: 8, twice: 1 };
  return { wire, callbacks, sink };
}
