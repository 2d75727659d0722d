import type { SealedResource } from "./units.ts";

/** Units of recovery; meanings as in store-recovery.ts. */
export interface RecoveryUnits {
  dueResources: { input: DueResourcesUnit; output: SealedDueResource[] };
  asked: { input: AskedUnit; output: boolean };
  askNow: { input: { id: string; nowMs: number }; output: boolean };
  stuck: { input: PlainPageUnit; output: SealedStuckResource[] };
  quarantine: { input: NewSealedQuarantine; output: undefined };
  quarantined: { input: PlainPageUnit; output: SealedQuarantine[] };
  pruneResources: { input: PruneResourcesUnit; output: { resources: number } };
  pruneQuarantine: { input: { beforeMs: number; maxRows: number }; output: { quarantined: number } };
}

/** When a resource is to be asked about; `askAtMs` null: no more. */
export interface AskUnit {
  id: string;
  askAtMs: number | null;
}

export interface PlainPageUnit {
  limit: number;
  afterId: string | undefined;
}

export interface DueResourcesUnit {
  nowMs: number;
  leaseUntilMs: number;
  limit: number;
}

export interface SealedDueResource {
  resource: SealedResource;
  asks: number;
}

export interface AskedUnit extends AskUnit {
  /** The lease under which it was asked; undefined: without one, so that any lease ends. */
  leaseUntilMs: number | undefined;
  nowMs: number;
  stuck: boolean;
}

export interface SealedStuckResource extends SealedDueResource {
  lastAskedAtMs: number;
}

/** Unique by adapter and `digestIndex`; `sealed` holds digest and request. */
export interface NewSealedQuarantine {
  id: string;
  adapter: string;
  why: string;
  digestIndex: Uint8Array;
  sealed: Uint8Array;
  firstAtMs: number;
}

export interface SealedQuarantine extends Omit<NewSealedQuarantine, "digestIndex"> {
  lastAtMs: number;
  times: number;
}

/** One slice of the resources of a kind that stand in a final status since before `beforeMs`. */
export interface PruneResourcesUnit {
  kind: string;
  status: string;
  beforeMs: number;
  nowMs: number;
  maxRows: number;
}
