import { StoreError } from "./errors.ts";
import { chained } from "./evidence.ts";
import type { Send } from "./front.ts";
import { failedWith } from "./pg-batch.ts";
import { isApart } from "./pg-failures.ts";
import type { Link, Run, Statement } from "./pg-link.ts";
import type { AuditCheckpoint, AuditRow } from "./store-evidence.ts";
import type { Outcome } from "./units.ts";
import type { AppendAuditUnit, ChainHead, EvidenceUnits, RowText } from "./units-evidence.ts";

const columns = `chain, number, at_ms AS "atMs", request_id AS "requestId", kind, partner, facts, hash`;

interface AuditColumns extends Omit<AuditRow, "facts" | "partner"> {
  partner: string | null;
  facts: string;
}

const insert: Statement = {
  name: "appendAudit",
  text: `INSERT INTO audit (chain, number, at_ms, request_id, kind, partner, facts, hash)
    SELECT chain, number, at_ms, request_id, kind, partner, facts, hash FROM json_to_recordset($1::json) AS
      row(chain text, number bigint, at_ms bigint, request_id text, kind text, partner text, facts text, hash text)
    ORDER BY number`,
};

/**
 * Appends what arrived together as one statement. A chain has one writer, which remembers its head; after any failure it
 * reads it anew. The primary key refuses a second row of one number, so a fork of the chain is never stored.
 */
export function auditSend(link: Link): Send {
  let known: ChainHead | undefined;

  const append = async (inputs: AppendAuditUnit[]): Promise<Outcome[]> => {
    const chain = inputs[0]?.chain ?? "";
    const start = known?.chain === chain ? known : await link.read((run) => headOf(run, chain));
    known = undefined;
    let head = start;
    const rows: RowText[] = [];
    const outcomes = inputs.map(({ entries }): Outcome => {
      rows.push(...chained(chain, head, entries));
      const { number, hash } = rows.at(-1) ?? { number: 0, hash: "" };
      head = { chain, number, hash };
      return { ok: true, output: head };
    });
    await link.write((run) => run(insert, JSON.stringify(rows.map(rowIn))));
    known = head;
    return outcomes;
  };

  return async (units) => {
    const outcomes: Outcome[] = [];
    const inputs = units.map((unit) => unit.input as AppendAuditUnit);
    const chainOf = new Set(inputs.map((input) => input.chain));
    if (chainOf.size === 1) {
      try {
        return await append(inputs);
      } catch (thrown) {
        if (inputs.length === 1 || !isApart(thrown)) return inputs.map(() => failedWith(thrown));
      }
    }
    for (const input of inputs) outcomes.push(...(await append([input]).catch((thrown) => [failedWith(thrown)])));
    return outcomes;
  };
}

async function headOf(run: Run, chain: string): Promise<ChainHead | undefined> {
  const text = "SELECT chain, number, hash FROM audit WHERE chain = $1 ORDER BY number DESC LIMIT 1";
  const [head] = await run<ChainHead>({ text }, chain);
  return head;
}

function rowIn({ atMs, requestId, ...rest }: RowText): object {
  return { ...rest, at_ms: atMs, request_id: requestId };
}

/** Only for a head that the chain really had; the same one again changes nothing. */
export async function addCheckpoint(run: Run, checkpoint: AuditCheckpoint): Promise<undefined> {
  const { chain, number, hash, atMs, keyid, signature } = checkpoint;
  const real = await run(
    {
      text: `WITH real AS (SELECT chain, number, hash FROM audit WHERE chain = $1 AND number = $2 AND hash = $3),
        kept AS (
          INSERT INTO audit_checkpoints (chain, number, hash, at_ms, keyid, signature)
          SELECT chain, number, hash, $4, $5, $6 FROM real ON CONFLICT DO NOTHING
        )
        SELECT chain FROM real`,
    },
    chain,
    number,
    hash,
    atMs,
    keyid,
    signature,
  );
  if (real.length === 0) throw new StoreError("conflict", `the chain has no row ${number} with that hash`);
  return undefined;
}

/** As in SQLite: every chain that has a row or a checkpoint, in the order of their first rows. */
export async function chains(run: Run): Promise<string[]> {
  const rows = await run<{ chain: string }>({
    text: `WITH RECURSIVE rows_of (chain) AS (
         SELECT min(chain) FROM audit
         UNION ALL
         SELECT (SELECT min(chain) FROM audit WHERE chain > rows_of.chain) FROM rows_of WHERE rows_of.chain IS NOT NULL
       )
       SELECT chain FROM (SELECT chain FROM rows_of UNION SELECT chain FROM audit_checkpoints) AS every
       WHERE chain IS NOT NULL
       ORDER BY (SELECT seq FROM audit WHERE audit.chain = every.chain ORDER BY number LIMIT 1)`,
  });
  return rows.map((row) => row.chain);
}

export async function auditRows(
  run: Run,
  { chain, limit, afterNumber }: EvidenceUnits["auditRows"]["input"],
): Promise<AuditRow[]> {
  const text = `SELECT ${columns} FROM audit WHERE chain = $1 AND number > $2 ORDER BY number LIMIT $3`;
  return (await run<AuditColumns>({ text }, chain, afterNumber, limit)).map(rowOf);
}

export function checkpoints(run: Run, { chain }: { chain: string }): Promise<AuditCheckpoint[]> {
  return run(
    {
      text: `SELECT chain, number, hash, at_ms AS "atMs", keyid, signature FROM audit_checkpoints
        WHERE chain = $1 ORDER BY number, seq`,
    },
    chain,
  );
}

/** All that is known of one request, in the order in which it was written. */
export async function auditOf(run: Run, { requestId }: { requestId: string }): Promise<AuditRow[]> {
  const text = `SELECT ${columns} FROM audit WHERE request_id = $1 ORDER BY seq`;
  return (await run<AuditColumns>({ text }, requestId)).map(rowOf);
}

function rowOf({ partner, facts, ...rest }: AuditColumns): AuditRow {
  return { ...rest, facts: JSON.parse(facts) as AuditRow["facts"], ...(partner === null ? {} : { partner }) };
}
