import { StoreError } from "./errors.ts";
import { chained } from "./evidence.ts";
import type { Sql } from "./sqlite-batch.ts";
import type { AuditCheckpoint, AuditRow } from "./store-evidence.ts";
import type { AppendAuditUnit, ChainHead, EvidenceUnits } from "./units-evidence.ts";

const columns = `chain, number, at_ms AS atMs, request_id AS requestId, kind, partner, facts, hash`;

interface AuditColumns extends Omit<AuditRow, "facts" | "partner"> {
  partner: string | null;
  facts: string;
}

/** Rows behind the chain's head, linked in this very transaction. */
export function appendAudit(sql: Sql, { chain, entries }: AppendAuditUnit): ChainHead {
  const head = sql.one<ChainHead>(
    "SELECT chain, number, hash FROM audit WHERE chain = ? ORDER BY number DESC LIMIT 1",
    chain,
  );
  const rows = chained(chain, head, entries);
  for (const row of rows) {
    sql.run(
      `INSERT INTO audit (chain, number, at_ms, request_id, kind, partner, facts, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      row.chain,
      row.number,
      row.atMs,
      row.requestId,
      row.kind,
      row.partner ?? null,
      row.facts,
      row.hash,
    );
  }
  const last = rows.at(-1) ?? head;
  if (!last) throw new StoreError("conflict", "there is nothing to append");
  return { chain, number: last.number, hash: last.hash };
}

/** Only for a head that the chain really had; the same one again changes nothing. */
export function addCheckpoint(sql: Sql, checkpoint: AuditCheckpoint): undefined {
  const { chain, number, hash, atMs, keyid, signature } = checkpoint;
  const row = sql.one<{ hash: string }>("SELECT hash FROM audit WHERE chain = ? AND number = ?", chain, number);
  if (row?.hash !== hash) throw new StoreError("conflict", `the chain has no row ${number} with that hash`);
  sql.run(
    `INSERT INTO audit_checkpoints (chain, number, hash, at_ms, keyid, signature) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (chain, number, keyid) DO NOTHING`,
    chain,
    number,
    hash,
    atMs,
    keyid,
    signature,
  );
  return undefined;
}

/**
 * Every chain that has a row or a checkpoint, in the order of their first rows: one whose first row was taken away is still
 * named. Steps from chain to chain through the index.
 */
export function chains(sql: Sql): string[] {
  return sql
    .all<{ chain: string }>(
      `WITH RECURSIVE rows_of (chain) AS (
         SELECT min(chain) FROM audit
         UNION ALL
         SELECT (SELECT min(chain) FROM audit WHERE chain > rows_of.chain) FROM rows_of WHERE rows_of.chain IS NOT NULL
       )
       SELECT chain FROM (SELECT chain FROM rows_of UNION SELECT chain FROM audit_checkpoints) AS every
       WHERE chain IS NOT NULL
       ORDER BY (SELECT id FROM audit WHERE audit.chain = every.chain ORDER BY number LIMIT 1)`,
    )
    .map((row) => row.chain);
}

export function auditRows(sql: Sql, { chain, limit, afterNumber }: EvidenceUnits["auditRows"]["input"]): AuditRow[] {
  return sql
    .all<AuditColumns>(
      `SELECT ${columns} FROM audit WHERE chain = ? AND number > ? ORDER BY number LIMIT ?`,
      chain,
      afterNumber,
      limit,
    )
    .map(rowOf);
}

export function checkpoints(sql: Sql, { chain }: { chain: string }): AuditCheckpoint[] {
  return sql.all(
    `SELECT chain, number, hash, at_ms AS atMs, keyid, signature FROM audit_checkpoints WHERE chain = ? ORDER BY number, id`,
    chain,
  );
}

/** All that is known of one request, in the order in which it was written. */
export function auditOf(sql: Sql, { requestId }: { requestId: string }): AuditRow[] {
  return sql.all<AuditColumns>(`SELECT ${columns} FROM audit WHERE request_id = ? ORDER BY id`, requestId).map(rowOf);
}

function rowOf({ partner, facts, ...rest }: AuditColumns): AuditRow {
  return { ...rest, facts: JSON.parse(facts) as AuditRow["facts"], ...(partner === null ? {} : { partner }) };
}
