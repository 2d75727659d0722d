import type { AuditCheckpoint, AuditEntry, AuditRow } from "./store-evidence.ts";

/** Units of evidence; meanings as in store-evidence.ts. Engines make the rows with `chained` of evidence.ts. */
export interface EvidenceUnits {
  appendAudit: { input: AppendAuditUnit; output: ChainHead };
  addCheckpoint: { input: AuditCheckpoint; output: undefined };
  chains: { input: undefined; output: string[] };
  auditRows: { input: { chain: string; limit: number; afterNumber: number }; output: AuditRow[] };
  checkpoints: { input: { chain: string }; output: AuditCheckpoint[] };
  auditOf: { input: { requestId: string }; output: AuditRow[] };
}

/** `entries`: at least one. */
export interface AppendAuditUnit {
  chain: string;
  entries: EntryText[];
}

/** An entry that has a canonical form, and its facts in it (RFC 8785): as they are hashed and stored. */
export interface EntryText extends Omit<AuditEntry, "facts" | "partner"> {
  partner?: string | undefined;
  facts: string;
}

export interface RowText extends EntryText, ChainHead {}

export interface ChainHead {
  chain: string;
  number: number;
  hash: string;
}
