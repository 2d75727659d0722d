import { NonceWindowFull } from "#signature";
import type { Admitted, Consumed, Counted, Counts, FarCounts, Nonce, Quota } from "../shared/index.ts";
import { askTimeoutMs } from "./limits.ts";
import type { Answers, Line } from "./line.ts";

/** What the primary answers its workers. */
export function countsAnswers(counts: Counts): Answers {
  return {
    consume: ([counted, id, quota]: [Counted, string, Quota]) => counts.consume(counted, id, quota),
    admit: ([nonce, partner, quota]: [Nonce, string, Quota]) => counts.admit(nonce, partner, quota),
    ping: () => "pong",
  };
}

/** The primary's counts, seen from a worker. */
export function countsOfPrimary(line: Line): FarCounts {
  return {
    name: "primary",
    counts: new Set(["partner", "refused"]),
    consume: async (...input) => (await line.ask("consume", input, askTimeoutMs)) as Consumed,
    async admit(...input) {
      try {
        return (await line.ask("admit", input, askTimeoutMs)) as Admitted;
      } catch (error) {
        if (error instanceof Error && error.name === NonceWindowFull.name) throw new NonceWindowFull(error.message);
        throw error;
      }
    },
    ping: () => line.ask("ping", undefined, askTimeoutMs),
    close: () => undefined,
  };
}
