import { Problem } from "#problem";
import { unverifiedBinding } from "#signature";
import type { Responder } from "../respond.ts";
import { unboundAnswer } from "../unbound.ts";
import { overloadLimits as limits } from "./limits.ts";

/** A 503 as Node takes it with the least work: names and values in turn, and a text that needs no second write. */
export interface Refusal {
  status: number;
  headers: string[];
  /** Its bytes, one a character. */
  body: string;
}

/**
 * Signed answers that are made once and given many times: an answer speaks of method and target only, so that one signature
 * serves all who ask the same within a second; they share its request id too, under which the first of them is recorded.
 */
export function refusals(responder: Responder): (method: string, originalUrl: string) => Refusal {
  let second = 0;
  let next = 0;
  const kept = new Map<string, Refusal[]>();

  const make = (method: string, originalUrl: string): Refusal[] => {
    const binding = unverifiedBinding({ method, originalUrl, publicOrigin: responder.publicOrigin });
    const { status, headers, body } = unboundAnswer(responder, new Problem("overloaded"), binding);
    const common = Object.entries(headers).flatMap(([name, value]) => [name, String(value)]);
    return limits.retryAfterSeconds.map((seconds) => ({
      status,
      headers: [...common, "Retry-After", String(seconds)],
      body: body.toString("latin1"),
    }));
  };

  return (method, originalUrl) => {
    const nowSecond = Math.floor(responder.now().getTime() / 1_000);
    if (nowSecond !== second) {
      kept.clear();
      second = nowSecond;
    }
    const asked = `${method} ${originalUrl}`;
    const made = kept.get(asked) ?? make(method, originalUrl);
    if (kept.size < limits.maxKeptAnswers) kept.set(asked, made);
    next = (next + 1) % made.length;
    return made[next] as Refusal;
  };
}
