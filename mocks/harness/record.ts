import type { Exchange, Violation } from "../types.ts";
import { maxExchanges, maxViolations, maxViolationsPerMessage, maxViolationTextLength } from "./limits.ts";

/** What the harness saw: the last exchanges, and everything that left the vendor's spec (both bounded). */
export interface Transcript {
  exchanges: Exchange[];
  violations: Violation[];
  saw(exchange: Exchange): void;
  left(operation: string, where: Violation["where"], messages: readonly string[]): void;
}

export function createTranscript(): Transcript {
  const exchanges: Exchange[] = [];
  const violations: Violation[] = [];
  return {
    exchanges,
    violations,
    saw(exchange) {
      exchanges.push(exchange);
      if (exchanges.length > maxExchanges) exchanges.shift();
    },
    left(operation, where, messages) {
      for (const message of messages.slice(0, maxViolationsPerMessage)) {
        if (violations.length >= maxViolations) return;
        violations.push({ operation, where, message: message.slice(0, maxViolationTextLength) });
      }
    },
  };
}

/** What was thrown and where, without the error's text: that may quote a value. */
export function thrownAt(error: unknown): string {
  if (!(error instanceof Error)) return "something that is no Error";
  const place = /\(?((?:file:\/\/)?\/[^()\s]+:\d+:\d+)\)?/.exec(error.stack ?? "")?.[1];
  return `${error.name} at ${place ?? "an unknown place"}`;
}
