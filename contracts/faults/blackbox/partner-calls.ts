/** One partner of the black box: sends its effects again and again until it knows, and writes all of it down. */
import { setTimeout as sleep } from "node:timers/promises";
import { AnswerNotTrusted, partner } from "../../../mocks/partner/client.ts";
import type { Answered, Partner } from "../../../mocks/partner/client.ts";
import type { Jwk, Jwks } from "../../../mocks/partner/profile.ts";
import type { Attempt, Effect, History, PartnerName, Read, Verdict } from "./history.ts";
import { decisive } from "./history.ts";
import type { Choices } from "./random.ts";

/** Longer than any deadline of the contract, so that it is the gateway that gives up. */
const patienceMs = 25_000;
const pauseMs = { least: 60, most: 400 } as const;
const maxRetryAfterMs = 1_500;

export interface PartnerPorts {
  name: PartnerName;
  jwk: Jwk;
  gatewayJwks: Jwks;
  publicOrigin: string;
  /** Where the gateway's processes listen, dead or alive. */
  origins: readonly [string, ...string[]];
  history: History;
}

export interface PartnerCalls {
  readonly name: PartnerName;
  /** Sends an effect once. `hangUpAfterMs`: the partner loses patience then. */
  attempt(effect: Effect, choices: Choices, hangUpAfterMs?: number): Promise<Attempt>;
  /** Sends it until it is decided, or `stop` says so. With `yields` a `not_sent` may be taken as the end of it. */
  insist(effect: Effect, choices: Choices, stop: () => boolean, yields?: boolean): Promise<Attempt | undefined>;
  /** Reads a resource; undefined without an answer that says something of it. */
  read(id: string, choices: Choices): Promise<(Read & { body: unknown }) | undefined>;
  /** Any other call; undefined without a trusted answer. */
  call(method: string, path: string, choices: Choices, body?: unknown): Promise<Answered | undefined>;
  close(): void;
}

export function partnerCalls(ports: PartnerPorts): PartnerCalls {
  const { name, history, jwk, gatewayJwks, publicOrigin } = ports;
  const doors = ports.origins.map((origin) => partner({ origin, publicOrigin, jwk, gatewayJwks }));
  const [firstDoor, ...otherDoors] = doors;
  if (firstDoor === undefined) throw new Error("a partner needs an origin");
  const any = (choices: Choices): Partner => choices.pick([firstDoor, ...otherDoors]);

  async function answerTo(send: () => Promise<Answered>): Promise<Answered | string> {
    try {
      return await send();
    } catch (error) {
      if (error instanceof AnswerNotTrusted) history.untrusted.push(`partner ${name}: ${error.message}`);
      return (error as NodeJS.ErrnoException).code ?? (error as Error).name;
    }
  }

  async function attempt(effect: Effect, choices: Choices, hangUpAfterMs?: number): Promise<Attempt> {
    const startMs = performance.now();
    const { path, body } = requestOf(effect);
    const deadlineMs = hangUpAfterMs ?? patienceMs;
    const through = any(choices);
    const answer = await answerTo(() =>
      through.request("POST", path, { body, idempotencyKey: effect.key, deadlineMs }),
    );
    const interval = { startMs, endMs: performance.now(), door: doors.indexOf(through) };
    const made: Attempt =
      typeof answer === "string" ? { ...interval, verdict: "unknown", code: answer } : { ...interval, ...said(answer) };
    if (made.status === undefined && hangUpAfterMs !== undefined) made.hungUp = true;
    if (made.status === 401) history.untrusted.push(`partner ${name}: its own signature was refused: ${made.code}`);
    effect.attempts.push(made);
    return made;
  }

  return {
    name,
    attempt,
    async insist(effect, choices, stop, yields = false) {
      for (;;) {
        const { verdict } = await attempt(effect, choices);
        if (verdict === "ok" || verdict === "failed" || stop()) return decisive(effect);
        if (verdict === "not_sent" && yields && choices.chance(0.3)) return decisive(effect);
        await sleep(waitAfter(effect.attempts.at(-1), choices));
      }
    },
    async read(id, choices) {
      const startMs = performance.now();
      const path = `/v1/${id.startsWith("rfd") ? "refunds" : "instalments"}/${id}`;
      const answer = await answerTo(() => any(choices).request("GET", path, { deadlineMs: patienceMs }));
      const endMs = performance.now();
      if (typeof answer === "string" || (answer.status !== 200 && answer.status !== 404)) return undefined;
      const state = (answer.body as { status?: unknown }).status;
      const read: Read = { partner: name, id, startMs, endMs, status: answer.status };
      if (answer.status === 200) read.state = String(state);
      history.reads.push(read);
      return { ...read, body: answer.body };
    },
    async call(method, path, choices, body) {
      const answer = await answerTo(() => any(choices).request(method, path, { body, deadlineMs: patienceMs }));
      return typeof answer === "string" ? undefined : answer;
    },
    close: () => doors.forEach((each) => each.close()),
  };
}

const bodies = new WeakMap<Effect, unknown>();

/** A new effect with the body that is sent, always the same bytes. */
export function newEffect(effect: Omit<Effect, "attempts">, body?: unknown): Effect {
  const made: Effect = { ...effect, attempts: [] };
  if (body !== undefined) bodies.set(made, body);
  return made;
}

function requestOf(effect: Effect): { path: string; body: unknown } {
  const paths = {
    "instalments.create": "/v1/instalments",
    "refunds.create": "/v1/refunds",
    "instalments.cancel": `/v1/instalments/${effect.about?.id}/cancel`,
  };
  return { path: paths[effect.operation], body: bodies.get(effect) };
}

/** Codes that say that nothing was done under this key so far. */
const notSent = new Set(["vendor_unavailable", "vendor_rate_limited", "quota_exhausted"]);

function said({ status, headers, body, text }: Answered): Omit<Attempt, "startMs" | "endMs" | "door"> {
  const { id, status: state, code, retry } = body as Record<string, unknown>;
  const replayed = headers["idempotency-replayed"] === "?1";
  if (status < 300) return { verdict: "ok", status, id: String(id), state: String(state), replayed, text };
  return { verdict: verdictOf(String(code), retry, status), status, code: String(code), replayed, text };
}

/** `retry: never` is a definite no, but for a refused signature, which says nothing of the effect. */
function verdictOf(code: string, retry: unknown, status: number): Verdict {
  if (notSent.has(code)) return "not_sent";
  return retry === "never" && status !== 401 ? "failed" : "unknown";
}

function waitAfter(attempt: Attempt | undefined, choices: Choices): number {
  const { code, verdict } = attempt ?? {};
  const longer = code === "idempotency_in_flight" || code === "ECONNREFUSED" || verdict === "not_sent";
  return choices.between(pauseMs.least, longer ? maxRetryAfterMs : pauseMs.most);
}
