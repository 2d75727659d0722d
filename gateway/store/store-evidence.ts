/** One signed exchange, or one act of an operator, as evidence. Digests and signatures only: no body, no personal data. */
export interface AuditEntry {
  atMs: number;
  requestId: string;
  /** `exchange`: a partner's call and our answer; `operator`: an act through the admin door; `webhook`: an attempt. */
  kind: "exchange" | "operator" | "webhook";
  partner?: string;
  /** Named facts, strings and numbers only: method, target, keyid, signatureInput, signature, contentDigest, status, answerKeyid, … */
  facts: Record<string, string | number>;
}

export interface AuditRow extends AuditEntry {
  /** One chain per store writer (process); entries of a chain are numbered from 1 without gaps. */
  chain: string;
  number: number;
  /** Hex SHA-256 over the previous row's hash and this entry's canonical JSON (RFC 8785). */
  hash: string;
}

/** A chain's head, signed by the gateway's key from time to time, so that a tail cut off is noticed. */
export interface AuditCheckpoint {
  chain: string;
  number: number;
  hash: string;
  atMs: number;
  keyid: string;
  /** base64 over `<chain>\n<number>\n<hash>\n<atMs>`. */
  signature: string;
}

export interface EvidenceStore {
  /** Appends to this process's chain, in the order given; durable when it resolves. */
  appendAudit(entries: AuditEntry[]): Promise<{ chain: string; number: number; hash: string }>;
  addCheckpoint(checkpoint: AuditCheckpoint): Promise<void>;
  chains(): Promise<string[]>;
  auditRows(chain: string, page: { limit: number; afterNumber?: number }): Promise<AuditRow[]>;
  checkpoints(chain: string): Promise<AuditCheckpoint[]>;
  auditOf(requestId: string): Promise<AuditRow[]>;
}
