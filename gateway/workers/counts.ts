import { NonceWindowFull } from "#signature";
import type { Consumed, Counted, Counts, FarCounts, Quota } from "../shared/index.ts";
import { askTimeoutMs } from "./limits.ts";
import type { Answers, Line } from "./line.ts";

/** What the primary answers its workers. */
export function countsAnswers(counts: Counts): Answers {
  return {
    consume: ([counted, id, quota]: [Counted, string, Quota]) => counts.consume(counted, id, quota),
    claim: ([keyid, nonce, expiresAtMs]: [string, string, number]) => counts.claim(keyid, nonce, expiresAtMs),
    ping: () => "pong",
  };
}

/** The primary's counts, seen from a worker. */
export function countsOfPrimary(line: Line): FarCounts {
  return {
    name: "primary",
    counts: new Set(["partner", "refused"]),
    consume: async (...input) => (await line.ask("consume", input, askTimeoutMs)) as Consumed,
    async claim(...input) {
      try {
        return (await line.ask("claim", input, askTimeoutMs)) as boolean;
      } catch (error) {
        if (error instanceof Error && error.name === NonceWindowFull.name) throw new NonceWindowFull(error.message);
        throw error;
      }
    },
    ping: () => line.ask("ping", undefined, askTimeoutMs),
    close: () => undefined,
  };
}
