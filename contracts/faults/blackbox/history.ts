/** What the two partners saw: every call with its interval, every webhook. The checker reads nothing of the gateway's else. */

export type PartnerName = "a" | "b";

type EffectOperation = "instalments.create" | "refunds.create" | "instalments.cancel";

/**
 * What an answer says of the effect under its key. `ok`: it exists. `failed`: a definite no. `not_sent`: nothing happened so
 * far. `unknown`: anything else, a lost connection above all.
 */
export type Verdict = "ok" | "failed" | "not_sent" | "unknown";

/** One sending of an effect. Times are milliseconds of one monotonic clock. */
export interface Attempt {
  startMs: number;
  endMs: number;
  /** Which of the gateway's processes it was sent to. */
  door: number;
  verdict: Verdict;
  /** HTTP status, absent without a trusted answer. */
  status?: number;
  /** The problem's code, or how the connection ended. */
  code?: string;
  /** The resource in a 2xx. */
  id?: string;
  state?: string;
  replayed?: boolean;
  text?: string;
  /** The partner hung up before the answer, so that this sending may still be under way when the next one is answered. */
  hungUp?: true;
}

/** What a partner wants done once, under one key, and every sending of it. */
export interface Effect {
  partner: PartnerName;
  key: string;
  operation: EffectOperation;
  /** What the vendor's books know it by: an order's subject; a refund's amount, which is unique for its order. */
  mark: string;
  amountFen: bigint;
  /** The instalment that a refund or cancel is about, and its mark. */
  about?: { id: string; mark: string };
  /** A creation whose buyer never pays: it may wait for ever. */
  waits?: true;
  attempts: Attempt[];
}

/** One GET that was answered. */
export interface Read {
  partner: PartnerName;
  id: string;
  startMs: number;
  endMs: number;
  status: number;
  state?: string;
}

/** A partner's try at a resource of the other's. */
interface Trespass {
  partner: PartnerName;
  what: string;
  status: number;
}

/** One arrival of a webhook at a partner's endpoint. */
export interface Arrival {
  partner: PartnerName;
  atMs: number;
  /** Why it is not to be believed; absent when it verified. */
  refused?: string;
  webhookId: string;
  type: string;
  resourceId: string;
  state: string;
  text: string;
  /** Whether the endpoint took it (2xx, sent before any reset). */
  accepted: boolean;
}

/** A process that was told to stop: SIGTERM until its end. */
interface Drain {
  door: number;
  startMs: number;
  endMs: number;
}

/** A resource as its owner read it when everything was quiet. */
export interface Final {
  partner: PartnerName;
  id: string;
  status: number;
  state?: string;
  amountFen?: bigint;
}

export interface History {
  effects: Effect[];
  reads: Read[];
  trespasses: Trespass[];
  arrivals: Arrival[];
  finals: Final[];
  drains: Drain[];
  /** Answers that did not verify: the client's reason. */
  untrusted: string[];
  /** What the harness saw of the processes: a death of its own, an exit code. */
  processFaults: string[];
}

/** The vendor's own books. */
export interface LedgerTrade {
  subject: string;
  amountFen: bigint;
  paid: boolean;
  closed: boolean;
  refunds: { amountFen: bigint; made: boolean }[];
}

export function emptyHistory(): History {
  return {
    effects: [],
    reads: [],
    trespasses: [],
    arrivals: [],
    finals: [],
    drains: [],
    untrusted: [],
    processFaults: [],
  };
}

/** The answer that decided an effect: the latest `ok` or `failed`, else the latest of all. */
export function decisive(effect: Effect): Attempt | undefined {
  return effect.attempts.findLast(({ verdict }) => verdict === "ok" || verdict === "failed") ?? effect.attempts.at(-1);
}

/** The resource that an effect made or acted on, once an answer named it. */
export function resourceOf(effect: Effect): string | undefined {
  return effect.about !== undefined && effect.operation === "instalments.cancel"
    ? effect.about.id
    : effect.attempts.find(({ id }) => id !== undefined)?.id;
}
