import type { CapabilityName, OperationId } from "#capability";
import type { LoadedAdapter, Outbound } from "#outbound";
import type { ResourceRow, Store } from "#store";
import type { Routing } from "../routing/index.ts";
import type { RecoveryLimits } from "./schedule.ts";

export interface OperationInput {
  path: Record<string, string>;
  query: Record<string, unknown>;
  body: unknown;
}

export interface OperationRequest {
  partner: string;
  operationId: OperationId;
  input: OperationInput;
  requestId: string;
  traceparent: string;
}

export interface EffectRequest extends OperationRequest {
  key: string;
  /** SHA-256 over method, target and raw body, hex. */
  fingerprint: string;
  nonce: { keyid: string; nonce: string; expiresAtMs: number };
}

/** An answer before it is signed: what is stored for a replay, byte for byte. */
export interface OperationAnswer {
  status: number;
  contentType: string;
  headers: Record<string, string>;
  body: Uint8Array;
}

/** What an operation did, for the log line. */
export interface OperationTrace {
  adapter?: string;
  outcome?: "done" | "rejected" | "not_sent" | "unknown" | "stored";
  vendorCode?: string;
  /** What is for operators only. */
  error?: unknown;
}

/** A claimed effect: everything that was decided and stored before anything is sent. */
export interface Intent {
  request: EffectRequest;
  /** The id of the resource that it makes or acts on. */
  id: string;
  reference: string;
  /** In the order in which to ask them; the first is the one that was stored. */
  adapters: LoadedAdapter[];
  /** The moment of the claim: a new resource's `createdAt`. */
  claimedAt: Date;
  /** The same moment by the process's own clock, `performance.now()`. */
  startedMs: number;
  target: ResourceRow | undefined;
  parents: Parents;
}

export type Parents = Partial<Record<CapabilityName, ResourceRow>>;

export interface OperationPorts {
  store: Store;
  routing: Routing;
  outbound: Outbound;
  publicOrigin: string;
  now(): Date;
  random(): number;
  /** Ends every operation sooner than the contract's deadline would. */
  maxDeadlineMs?: number | undefined;
  /** When vendors are asked again about what is open. */
  recovery: RecoveryLimits;
  /** Checks an answer's body against the contract; returns what is wrong, or undefined. */
  checkAnswer(operationId: OperationId, status: number, body: unknown): string | undefined;
  /** A loud line for what must not happen. */
  alarm(what: string, detail: Record<string, unknown>): void;
}

/** What the store keeps as a resource's body: what partners see, and what was asked. */
export interface StoredBody {
  body: Record<string, unknown>;
  request: unknown;
}
