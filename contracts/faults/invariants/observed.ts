/** What a harness saw from outside the gateway, and what the store says of itself: all that the invariants are judged by. */
import type { OperationId } from "#capability";
import type { InvariantName } from "../report.ts";
import type { LedgerEntry } from "../world/ledger.ts";

/** One call of a partner's, from its sending to its answer. Times are milliseconds of the partner's own clock. */
export interface CallSeen {
  partner: string;
  operationId: OperationId;
  /** Absent for reads. */
  key?: string;
  /** What the partner named its wish by; unique over all wishes of all partners. Empty for reads and acts. */
  memo: string;
  /** The resource that it reads or acts on, and whose that is. */
  target?: { id: string; owner: string };
  startedMs: number;
  /** Absent while there is no answer, or when there never was one. */
  endedMs?: number;
  status?: number;
  /** The problem's code and `retry`. */
  problem?: { code: string; retry: string };
  resource?: { id: string; status: string; amount: string };
}

/** One arrival at a partner's webhook endpoint. */
export interface WebhookSeen {
  partner: string;
  webhookId: string;
  type: string;
  resourceId: string;
  body: string;
  atMs: number;
  /** Whether the endpoint answered 2xx. */
  accepted: boolean;
  /** Whether its signature verifies with a key that was published at the time. */
  verified: boolean;
}

interface TransitionSeen {
  version: number;
  from?: string;
  to: string;
  cause: string;
}

/** A resource after quiet: as its owner reads it, and as the store tells its history. */
export interface ResourceSeen {
  id: string;
  kind: "instalments" | "refunds";
  partner: string;
  memo: string;
  status: string;
  amountFen: bigint;
  /** The status that the partner's last GET shows; absent when it answered no 200. */
  readStatus?: string;
  transitions: readonly TransitionSeen[];
}

/** Everything at the end of a run, after the faults have stopped and time has passed. */
export interface Observed {
  calls: readonly CallSeen[];
  webhooks: readonly WebhookSeen[];
  resources: readonly ResourceSeen[];
  ledger: readonly LedgerEntry[];
  /** Partners with an endpoint that takes everything in the end. */
  told: ReadonlySet<string>;
}

export interface Finding {
  invariant: InvariantName;
  what: string;
}

/** A judge of one or more invariants. */
export type Judge = (observed: Observed) => Finding[];
