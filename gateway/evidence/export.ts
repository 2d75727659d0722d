/** One call as evidence: a document that is verified without Qiao. README.md describes it. */
import { publicJwks } from "#signature";
import { maxPageRows, rowDigest } from "#store";
import type { AuditCheckpoint, AuditRow, ChainHead, EvidenceStore } from "#store";
import { checkCheckpoint, signCheckpoint } from "./checkpoint.ts";
import { instructions } from "./instructions.ts";
import { follows, headOf, originOf } from "./links.ts";
import type { EvidenceSource } from "./source.ts";

export interface EvidenceDocument {
  format: "qiao-evidence/1";
  requestId: string;
  exportedAt: string;
  /** What is proven: each row of the request, with the proof of its place in its chain. */
  rows: ProvenRow[];
  keys: {
    /** Public JWKs (RFC 7517), each `kid` the RFC 7638 thumbprint that a keyid names. */
    gateway: { keys: object[] };
    partners: Record<string, { keys: object[] }>;
    /** Named by the rows, not registered any more: whoever brings such a key proves it by its thumbprint. */
    unknown: string[];
  };
  howToVerify: readonly string[];
}

interface ProvenRow {
  row: AuditRow;
  /** The hash of the row before it, or the chain's origin. */
  previousHash: string;
  /** The digests of the rows behind it, up to the checkpoint's: they link, and disclose nothing of whose they are. */
  links: string[];
  /** The nearest signed head at or after the row; absent when none was signed yet. */
  checkpoint?: AuditCheckpoint;
  /** The row's own head, signed at the export: proves its place also where no checkpoint was signed yet. */
  attestation: AuditCheckpoint;
}

export interface ExportOptions {
  source: EvidenceSource;
  requestId: string;
  /** Request ids are the partners' own: two may use the same. Needed then. */
  partner?: string | undefined;
  now: Date;
}

/** Why there is no document; the message says what to do. */
export class NothingToExport extends Error {
  override readonly name = "NothingToExport";
}

/** Throws NothingToExport when the request is not known, is not one partner's, or its chain is not intact. */
export async function exportEvidence(options: ExportOptions): Promise<EvidenceDocument> {
  const { source, requestId, now } = options;
  const rows = await rowsOf(options);
  const proven: ProvenRow[] = [];
  for (const row of rows) proven.push(await prove(row, options));
  const named = rows.flatMap(({ facts }) => [facts["keyid"], facts["claimedKeyid"]]);
  const keyids = new Set(named.filter((keyid) => typeof keyid === "string"));
  const partners: EvidenceDocument["keys"]["partners"] = {};
  for (const keyid of keyids) {
    const known = source.partnerKeys.get(keyid);
    if (known === undefined) continue;
    (partners[known.partner] ??= { keys: [] }).keys.push(...publicJwks([known.key]).keys);
  }
  return {
    format: "qiao-evidence/1",
    requestId,
    exportedAt: now.toISOString(),
    rows: proven,
    keys: {
      gateway: publicJwks(source.gatewayKeys.values()),
      partners,
      unknown: [...keyids].filter((keyid) => !source.partnerKeys.has(keyid)),
    },
    howToVerify: instructions,
  };
}

async function rowsOf({ source, requestId, partner }: ExportOptions): Promise<AuditRow[]> {
  const rows = await source.store.auditOf(requestId);
  if (rows.length === 0) throw new NothingToExport(`no evidence of a request ${requestId}`);
  const owners = [...new Set(rows.map((row) => row.partner ?? "unsigned"))];
  if (partner === undefined && owners.length === 1) return rows;
  if (partner === undefined) {
    throw new NothingToExport(`several used the request id ${requestId}: add --partner ${owners.join(" | ")}`);
  }
  const own = rows.filter((row) => (row.partner ?? "unsigned") === partner);
  if (own.length === 0) throw new NothingToExport(`no evidence of a request ${requestId} of ${partner}`);
  return own;
}

async function prove(row: AuditRow, { source, now }: ExportOptions): Promise<ProvenRow> {
  const { store, signingKey } = source;
  const previous = await headBefore(store, row);
  const checkpoint = (await store.checkpoints(row.chain))
    .toSorted((a, b) => a.number - b.number)
    .find(({ number }) => number >= row.number);
  const links = checkpoint === undefined ? [] : await rowsBetween(store, row, checkpoint.number);
  // What is signed here must not be what somebody changed.
  if (!isProven(previous, [row, ...links], checkpoint, source.gatewayKeys)) {
    throw new NothingToExport(`chain ${row.chain} is not intact at #${row.number}: run npm run audit:verify`);
  }
  return {
    row,
    previousHash: previous.hash,
    links: links.map(rowDigest),
    ...(checkpoint === undefined ? {} : { checkpoint }),
    attestation: signCheckpoint(headOf(row), now.getTime(), signingKey),
  };
}

async function headBefore(store: EvidenceStore, { chain, number }: AuditRow): Promise<ChainHead> {
  if (number === 1) return originOf(chain);
  const [before] = await store.auditRows(chain, { limit: 1, afterNumber: number - 2 });
  // A row that is not there leaves a head that nothing follows from.
  return before === undefined ? originOf(chain) : headOf(before);
}

function isProven(
  previous: ChainHead,
  rows: readonly AuditRow[],
  checkpoint: AuditCheckpoint | undefined,
  keys: EvidenceSource["gatewayKeys"],
): boolean {
  let head = previous;
  for (const row of rows) {
    if (row.number !== head.number + 1 || !follows(head, row)) return false;
    head = headOf(row);
  }
  if (checkpoint === undefined) return true;
  return checkpoint.hash === head.hash && checkCheckpoint(checkpoint, keys) === "valid";
}

/** The rows after `row` up to and with number `last`. */
async function rowsBetween(store: EvidenceStore, row: AuditRow, last: number): Promise<AuditRow[]> {
  const rows: AuditRow[] = [];
  for (let at = row.number; at < last;) {
    const limit = Math.min(maxPageRows, last - at);
    const page = await store.auditRows(row.chain, { limit, afterNumber: at });
    if (page.length === 0) break;
    rows.push(...page);
    at = page.at(-1)?.number ?? last;
  }
  return rows;
}
