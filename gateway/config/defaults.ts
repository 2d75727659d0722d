/** Defaults of what is configurable and has a meaning in more than one room. Names end in their unit. */
const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;

/**
 * The pause after each failed attempt; after the attempt that follows the last one the delivery is given up: 13 attempts in
 * about three days. Each pause is lengthened by up to `retryJitter`.
 */
const retryDelaysMs: readonly number[] = [
  5 * secondMs,
  30 * secondMs,
  2 * minuteMs,
  10 * minuteMs,
  30 * minuteMs,
  hourMs,
  2 * hourMs,
  4 * hourMs,
  8 * hourMs,
  12 * hourMs,
  18 * hourMs,
  24 * hourMs,
];

export const webhookDefaults = {
  /** How long one process has a delivery to itself. */
  leaseMs: 60 * secondMs,
  /** From the resolution of the name to the end of the answer. */
  attemptDeadlineMs: 10 * secondMs,
  retryDelaysMs,
};
