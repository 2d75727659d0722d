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

/** `entries` are checked already, and at least one. */
export interface AppendAuditUnit {
  chain: string;
  entries: AuditEntry[];
}

export interface ChainHead {
  chain: string;
  number: number;
  hash: string;
}
