/** Sends a partner's requests, one after the other, and tells of each answer whether it is what the partner relies on. */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { AnswerNotTrusted } from "../../../mocks/partner/client.ts";
import type { Partner } from "../../../mocks/partner/client.ts";
import type { Expectation, Expectations } from "./format.ts";
import { differencesFrom } from "./match.ts";

export interface Outcome {
  name: string;
  kept: boolean;
  /** In what the answer differs. */
  differences: string[];
  /** The gateway's id of the request, for support. */
  requestId?: string;
  durationMs: number;
}

const askEveryMs = 100;

/** Runs every expectation of a file; `callers` gives the partner of a name, and may throw for one that it has not. */
export async function runExpectations(
  { expectations }: Expectations,
  callers: (name: string) => Partner,
): Promise<Outcome[]> {
  const kept = new Map<string, string>();
  const outcomes: Outcome[] = [];
  for (const each of expectations) outcomes.push(await runOne(each, callers(each.as), kept));
  return outcomes;
}

async function runOne(expected: Expectation, caller: Partner, kept: Map<string, string>): Promise<Outcome> {
  const startedMs = performance.now();
  const { name, withinMs = 0, request } = expected;
  const deadlineMs = startedMs + (request.method === "GET" ? withinMs : 0);
  for (;;) {
    const { differences, requestId, hopeless } = await ask(expected, caller, kept);
    const durationMs = Math.round(performance.now() - startedMs);
    if (differences.length === 0 || hopeless === true || performance.now() >= deadlineMs) {
      return {
        name,
        kept: differences.length === 0,
        differences,
        ...(requestId === undefined ? {} : { requestId }),
        durationMs,
      };
    }
    await sleep(askEveryMs);
  }
}

async function ask(
  { request, answer }: Expectation,
  caller: Partner,
  kept: Map<string, string>,
): Promise<{ differences: string[]; requestId?: string; hopeless?: boolean }> {
  try {
    const { method, path, headers, body, idempotencyKey } = filled(request, kept);
    const seen = await caller.request(method, path, {
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
    });
    const requestId = seen.headers["request-id"];
    const differences = differencesFrom(answer, seen, kept);
    return { differences, ...(requestId === undefined ? {} : { requestId }) };
  } catch (error) {
    if (error instanceof AnswerNotTrusted) return { differences: [error.message] };
    if (error instanceof NotKept) return { differences: [error.message], hopeless: true };
    throw error;
  }
}

/** Nothing was kept under a name, since the answer that had it was another. */
class NotKept extends Error {}

const dayMs = 86_400_000;

/** Fills in `{{name}}`, `{{uuid}}`, `{{now}}`, `{{now+30d}}` and `{{today-90d}}`, wherever they stand in a request. */
function filled(request: Expectation["request"], kept: ReadonlyMap<string, string>): Expectation["request"] {
  const value = (name: string): string => {
    if (name === "uuid") return randomUUID();
    const [, base, sign, days] = /^(now|today)(?:([+-])(\d{1,5})d)?$/.exec(name) ?? [];
    if (base !== undefined) {
      const shiftMs = Number(`${sign ?? "+"}${days ?? "0"}`) * dayMs;
      const instant = new Date(Date.now() + shiftMs).toISOString().replace(/\.\d+Z$/, "Z");
      return base === "now" ? instant : instant.slice(0, 10);
    }
    const known = kept.get(name);
    if (known === undefined) throw new NotKept(`nothing was kept as {{${name}}}`);
    return known;
  };
  return JSON.parse(JSON.stringify(request), (_key, each: unknown) =>
    typeof each === "string" ? each.replace(/\{\{([\w+-]{1,40})\}\}/g, (_all, name: string) => value(name)) : each,
  ) as Expectation["request"];
}
