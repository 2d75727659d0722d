import type { Failure } from "./errors.ts";
import type { EvidenceUnits } from "./units-evidence.ts";
import type { AskUnit, RecoveryUnits } from "./units-recovery.ts";
import type { NewSealedEvent, WebhookUnits } from "./units-webhooks.ts";

/**
 * The store as an engine sees it: atomic units over columns that are already sealed or blinded. An engine therefore
 * never holds a plain body, answer, vendor state, reference, handle, idempotency key or fingerprint.
 */
export interface Units extends WebhookUnits, RecoveryUnits, EvidenceUnits {
  anchor: { input: Anchor[]; output: Anchor[] };
  begin: { input: BeginUnit; output: BeginOutput };
  complete: { input: CompleteUnit; output: undefined };
  release: { input: ClaimName; output: undefined };
  resource: { input: ResourceName; output: SealedResource | undefined };
  resources: { input: PageUnit; output: SealedResource[] };
  transitions: { input: { id: string }; output: TransitionRow[] };
  advance: { input: AdvanceUnit; output: boolean };
  reroute: { input: { id: string; adapter: string }; output: boolean };
  claimNonce: { input: NonceUnit; output: boolean };
  prune: { input: { nowMs: number; maxRows: number }; output: { nonces: number; claims: number } };
  ping: { input: undefined; output: undefined };
}

export type UnitName = keyof Units;

export type Unit = { [Name in UnitName]: { name: Name; input: Units[Name]["input"] } }[UnitName];

/** What became of one unit. */
export type Outcome = { ok: true; output: Units[UnitName]["output"] } | { ok: false; failure: Failure };

/** An engine: runs units, each atomic and durable. Rejects with StoreError only. */
export interface Engine {
  run<Name extends UnitName>(name: Name, input: Units[Name]["input"]): Promise<Units[Name]["output"]>;
  close(): Promise<void>;
}

/** A digest of a key, kept by the store so that a wrong key is noticed at open. */
export interface Anchor {
  name: string;
  digest: Uint8Array;
}

export interface ClaimName {
  partner: string;
  key: Uint8Array;
  operationId: string;
}

export interface BeginUnit extends ClaimName {
  fingerprint: Uint8Array;
  nowMs: number;
  claimExpiresAtMs: number;
  leaseUntilMs: number;
  nonce: Omit<NonceUnit, "nowMs"> | undefined;
  resource: NewSealedResource | undefined;
  /** Kept with the claim, apart from the target's own ask, until the claim is completed or given back. */
  touch: { id: string; askAtMs: number } | undefined;
}

export type BeginOutput =
  | { kind: "claimed" }
  | { kind: "replay"; status: number; answer: Uint8Array }
  | { kind: "in_flight"; leaseUntilMs: number; resourceId?: string }
  | { kind: "mismatch" }
  | { kind: "abandoned"; resourceId?: string }
  | { kind: "nonce_replayed" };

export interface NonceUnit {
  keyid: string;
  nonce: string;
  expiresAtMs: number;
  nowMs: number;
}

export interface NewSealedResource {
  id: string;
  kind: string;
  partner: string;
  adapter: string;
  operationId: string;
  referenceIndex: Uint8Array;
  reference: Uint8Array;
  status: string;
  body: Uint8Array;
  createdAtMs: number;
  askAtMs: number | null;
}

export interface SealedResource extends Omit<NewSealedResource, "referenceIndex" | "askAtMs"> {
  version: number;
  state: Uint8Array | null;
  updatedAtMs: number;
  cause: string;
}

export type ResourceName = { id: string } | { adapter: string; handle: Uint8Array } | { referenceIndex: Uint8Array };

export interface SealedMovement {
  id: string;
  status: string;
  body: Uint8Array;
  state: Uint8Array | null;
  /** Without the adapter in the digest: it is the resource's own, which only the engine knows. */
  handles: Uint8Array[];
  cause: string;
  /** Null: no more asking. Any movement starts the count of asks anew and ends a lease. */
  askAtMs: number | null;
  /** Written, with its deliveries, only when the movement is made. */
  event: NewSealedEvent | undefined;
}

export interface CompleteUnit {
  claim: ClaimName | undefined;
  nowMs: number;
  answer: { status: number; sealed: Uint8Array } | undefined;
  resource: SealedMovement | undefined;
  /** The own ask of the resource that an act was about; undefined: as it was. */
  settled: AskUnit | undefined;
}

export interface AdvanceUnit extends SealedMovement {
  expectedVersion: number;
  nowMs: number;
}

export interface PageUnit {
  partner: string;
  kind: string;
  limit: number;
  afterId: string | undefined;
}

export interface TransitionRow {
  resourceId: string;
  version: number;
  from: string | null;
  to: string;
  cause: string;
  atMs: number;
}
