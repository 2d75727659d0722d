import type { EvidenceStore } from "./store-evidence.ts";
import type { RecoveryStore } from "./store-recovery.ts";
import type { NewEvent, WebhookStore } from "./store-webhooks.ts";

/**
 * What the gateway keeps: claims of idempotency keys with their answers, nonces, resources with their history,
 * events on their way to partners, what recovery is to ask about, and evidence. Each method is one atomic, durable unit: when its promise resolves, a `kill -9` no longer undoes it. When it rejects
 * with a StoreError, `effect` tells whether nothing was done or whether that is unknown. Times are epoch milliseconds
 * given by the caller, so that one clock rules a request.
 */
export interface Store extends WebhookStore, RecoveryStore, EvidenceStore {
  /** One commit: the nonce (if given), the idempotency claim and the intent. */
  begin(input: BeginInput): Promise<BeginResult>;
  /**
   * One commit: the answer to replay, and the resource as it now stands. The first answer stays. The resource is moved
   * only from version 1: a later one (a callback was faster) keeps its status and body and gains only the state
   * and handles that it lacks. An answer whose claim is gone (expired, given back) is dropped.
   * @throws StoreError `conflict` when the resource is unknown, or a handle belongs to another one.
   */
  complete(input: CompleteInput): Promise<void>;
  /**
   * A claim given back: surely nothing was done and the same key may be tried again. Its untouched intent goes with it.
   * A claim that is not there is none to give back.
   * @throws StoreError `conflict` when the claim has its answer or its resource has moved: then something was done.
   */
  release(input: ReleaseInput): Promise<void>;
  resource(id: string): Promise<ResourceRow | undefined>;
  resourceByHandle(adapter: string, handle: string): Promise<ResourceRow | undefined>;
  resourceByReference(reference: string): Promise<ResourceRow | undefined>;
  /**
   * One page of a partner's resources of a kind, in order of creation, after (not with) `afterId`.
   * @throws RangeError for a limit outside 1..maxPageRows; StoreError `unknown_cursor` when `afterId` is none of these.
   */
  resources(partner: string, kind: string, page: Page): Promise<ResourceRow[]>;
  /** The history of a resource, oldest first; its first entry is its creation. */
  transitions(id: string): Promise<Transition[]>;
  /**
   * Gives an untouched intent to another adapter, before anything is sent there; false when the resource has moved or is
   * not there.
   */
  reroute(id: string, adapter: string): Promise<boolean>;
  /** Forward-only: applies only when the stored version equals `expectedVersion`; false = someone else moved it. */
  advance(input: AdvanceInput): Promise<boolean>;
  /** True when the nonce is fresh for this key id, and now taken until `expiresAtMs`. */
  claimNonce(keyid: string, nonce: string, expiresAtMs: number, nowMs: number): Promise<boolean>;
  /**
   * Deletes what has expired in bounded slices, each a commit of its own; returns how many rows went. Without retention
   * only nonces and claims expire. Never goes: an event with a pending delivery, a resource that is still asked about
   * or whose claim lives, evidence.
   */
  prune(nowMs: number, retention?: Retention): Promise<Pruned>;
  /** Resolves when the engine answers within its deadline. */
  health(): Promise<void>;
  /** Accepts nothing more, finishes what it accepted, then lets go of the engine. May be called again. */
  close(): Promise<void>;
}

export interface BeginInput {
  partner: string;
  /** The partner's idempotency key. */
  key: string;
  operationId: string;
  /** SHA-256 of the raw body, hex. */
  fingerprint: string;
  nowMs: number;
  /** From then on the claim is as if absent; the gateway promises its partners at least 24 h. */
  claimExpiresAtMs: number;
  /** Until then the claim counts as being worked on; after it, as abandoned by a process that died. */
  leaseUntilMs: number;
  /** Consumed whatever the result is, except when it is `nonce_replayed` or the unit fails. */
  nonce?: { keyid: string; nonce: string; expiresAtMs: number };
  /** The intent of a creating operation. */
  resource?: NewResource;
  /**
   * For an act: its target, which is due to be asked about from `askAtMs` on unless the claim is completed or released
   * before. It changes nothing else about when the target is asked about.
   * StoreError `conflict` when the target is unknown.
   */
  touch?: { id: string; askAtMs: number };
}

export type BeginResult =
  | { kind: "claimed" }
  | ({ kind: "replay" } & Answer)
  | { kind: "in_flight"; leaseUntilMs: number; resourceId?: string }
  /** Same key, other body or other operation. */
  | { kind: "mismatch" }
  /** In flight, but its lease is over: its process died, and the outcome is unknown. */
  | { kind: "abandoned"; resourceId?: string }
  | { kind: "nonce_replayed" };

/** An answer as it is replayed: everything but its signature, which is made anew. */
export interface Answer {
  status: number;
  contentType: string;
  headers: Record<string, string>;
  body: Uint8Array;
}

export interface NewResource {
  id: string;
  /** The capability, as in `payments`. */
  kind: string;
  partner: string;
  adapter: string;
  operationId: string;
  /** Our reference, given to the vendor; unique over all resources. */
  reference: string;
  status: string;
  /** Any JSON value. */
  body: unknown;
  createdAtMs: number;
  /** When recovery is to ask about it, if it still stands so; absent: never. */
  askAtMs?: number;
}

export interface ResourceRow extends Omit<NewResource, "askAtMs"> {
  /** 1 at creation, one more with each transition. */
  version: number;
  /** The adapter's opaque vendor state; undefined until given. */
  state: unknown;
  updatedAtMs: number;
  /** What brought it to this version: a code such as `answer` or `callback`, never free text about a person. */
  cause: string;
}

export interface CompleteInput {
  partner: string;
  /** Absent for effects without a key; then there is no claim, and `answer` is not kept. */
  key?: string;
  operationId: string;
  nowMs: number;
  answer?: Answer;
  /** Its event is written, and its `askAtMs` holds, only when it is this that moves the resource. */
  resource?: Movement & { id: string };
  /** When recovery is to ask about the target of an act; undefined in it: no more. Absent: as before the act. */
  settled?: { id: string; askAtMs: number | undefined };
}

export interface ReleaseInput {
  partner: string;
  key: string;
  operationId: string;
}

export interface AdvanceInput extends Movement {
  id: string;
  expectedVersion: number;
  nowMs: number;
}

/** Where a resource goes. Without `state` the stored one stays; `handles` are added to those that it has. */
export interface Movement {
  status: string;
  body: unknown;
  state?: unknown;
  /** Names under which the vendor may speak of it in a callback; unique per adapter. */
  handles?: string[];
  cause: string;
  /** When recovery is to ask about it; absent: no more. A movement starts the count of asks anew. */
  askAtMs?: number;
  /** Written in the same commit, with a pending delivery for each active or paused endpoint that wants its type. */
  event?: NewEvent;
}

export interface Transition {
  resourceId: string;
  /** The version that it led to. */
  version: number;
  /** Absent for the creation. */
  from?: string;
  to: string;
  cause: string;
  atMs: number;
}

export interface Page {
  limit: number;
  afterId?: string;
}

/** How long what is done with is kept; what is absent is kept for ever. */
export interface Retention {
  /** Events with their deliveries and attempts, from the event on. */
  eventsMs?: number;
  /** Resources with their history, from their last movement on, in the statuses of `finalStatuses`. */
  resourcesMs?: number;
  /** The final statuses of each kind; a kind or status that is not there is never pruned. */
  finalStatuses?: Record<string, readonly string[]>;
  /** Quarantined callbacks, from the last time that they came. */
  quarantineMs?: number;
}

export interface Pruned {
  nonces: number;
  claims: number;
  events: number;
  resources: number;
  quarantined: number;
}
