import { z } from "zod";

const event = z.union([
  z.strictObject({ code: z.string(), error: z.undefined().optional() }),
  z.strictObject({ error: z.string(), code: z.undefined().optional() }),
]);

/** What the customer's browser brought: a code, or why there is none (RFC 6749 4.1.2). */
export type Event = z.output<typeof event>;

/** Reads back what `verify` handed over. */
export function readEvent(value: unknown): Event {
  return event.parse(value);
}
