/** Walks chains in bounded pages: numbering, links, checkpoints and anchors; each fault by chain and number. Reads only. */
import type { VerifyKey } from "#signature";
import { maxPageRows } from "#store";
import type { AuditCheckpoint, AuditRow, ChainHead, EvidenceStore } from "#store";
import { anchorsOf } from "./anchors.ts";
import { checkCheckpoint } from "./checkpoint.ts";
import { follows, originOf } from "./links.ts";

/**
 * - `altered`: the row does not follow from the one before it
 * - `missing`: rows are not there, others after them are; `reordered`: rows stand in each other's place
 * - `cut_tail`: rows that a checkpoint or a later chain speaks of, and all after them, are not there
 * - `rewritten`: the links fit, but not the head that was signed, or that a later chain names
 * - `checkpoint_forged`: its signature does not verify; `checkpoint_key_unknown`: no configured or archived key has its keyid
 */
export type ChainFaultKind =
  | "altered"
  | "missing"
  | "reordered"
  | "cut_tail"
  | "rewritten"
  | "checkpoint_forged"
  | "checkpoint_key_unknown";

export interface ChainFault {
  kind: ChainFaultKind;
  /** The first row that it is about; of several, `to` is the last. */
  number: number;
  to?: number;
}

export interface ChainReport {
  chain: string;
  entries: number;
  checkpoints: number;
  lastCheckpoint?: AuditCheckpoint;
  /** Entries after the last checkpoint: linked, but a cut there would not show yet. */
  uncovered: number;
  /** In order of number, at most `maxFaults`; `faultCount` counts all. */
  faults: ChainFault[];
  faultCount: number;
}

export interface VerifyOptions {
  store: Pick<EvidenceStore, "chains" | "auditRows" | "checkpoints">;
  /** The gateway's keys, now and archived, by keyid. */
  keys: ReadonlyMap<string, VerifyKey>;
  /** Told after each page. */
  onProgress?(chain: string, entries: number): void;
}

/** Faults that a report lists of one chain. */
const maxFaults = 100;
/** How far a displaced row is looked for. */
const reorderWindowRows = 16;

/** A report on each chain, one after the other; newest first, so that what later chains say of earlier ones is known. */
export async function* verifyChains(options: VerifyOptions): AsyncGenerator<ChainReport> {
  const anchors = new Map<string, ChainHead[]>();
  const chains = await options.store.chains();
  for (const chain of chains.toReversed()) yield await verifyOne(chain, options, anchors);
  for (const chain of [...anchors.keys()].filter((name) => !chains.includes(name))) {
    yield await verifyOne(chain, options, anchors);
  }
}

async function verifyOne(
  chain: string,
  { store, keys, onProgress }: VerifyOptions,
  anchors: Map<string, ChainHead[]>,
): Promise<ChainReport> {
  // Before the rows: a gateway that runs goes on appending rows, then checkpoints.
  const checkpoints = await store.checkpoints(chain);
  const report: ChainReport = {
    chain,
    entries: 0,
    checkpoints: checkpoints.length,
    uncovered: 0,
    faults: [],
    faultCount: 0,
  };
  const found: Found = (kind, number, to = number) => {
    report.faultCount += 1;
    if (report.faults.length < maxFaults) report.faults.push({ kind, number, ...(to === number ? {} : { to }) });
  };
  for (const checkpoint of checkpoints) {
    const verdict = checkCheckpoint(checkpoint, keys);
    if (verdict === "invalid") found("checkpoint_forged", checkpoint.number);
    if (verdict === "unknown_key") found("checkpoint_key_unknown", checkpoint.number);
  }
  const spoken = [...checkpoints, ...(anchors.get(chain) ?? [])];
  const marks = new Map<number, Set<string>>();
  for (const { number, hash } of spoken) marks.set(number, (marks.get(number) ?? new Set()).add(hash));
  const last = await walk({ store, chain, marks, found }, (rows) => {
    report.entries += rows.length;
    for (const anchor of rows.flatMap(anchorsOf)) {
      anchors.set(anchor.chain, [...(anchors.get(anchor.chain) ?? []), anchor]);
    }
    onProgress?.(chain, report.entries);
  });
  const furthest = Math.max(0, ...spoken.map(({ number }) => number));
  if (furthest > last) found("cut_tail", last + 1, furthest);
  const lastCheckpoint = checkpoints.toSorted((a, b) => a.number - b.number).at(-1);
  report.uncovered = Math.max(0, last - (lastCheckpoint?.number ?? 0));
  report.faults.sort((a, b) => a.number - b.number);
  return lastCheckpoint === undefined ? report : { ...report, lastCheckpoint };
}

type Found = (kind: ChainFaultKind, number: number, to?: number) => void;

interface Walk {
  store: Pick<EvidenceStore, "auditRows">;
  chain: string;
  /** Number → hashes that were signed, or named elsewhere, for it. */
  marks: ReadonlyMap<number, ReadonlySet<string>>;
  found: Found;
}

/** Returns the number of the last row, 0 when there is none. */
async function walk({ store, chain, marks, found }: Walk, onPage: (rows: AuditRow[]) => void): Promise<number> {
  const ahead: AuditRow[] = [];
  let previous = originOf(chain);
  let read = 0;
  let ended = false;
  for (;;) {
    // Rows that may be displaced are looked at together, so that a page's border hides none.
    while (!ended && ahead.length < reorderWindowRows) {
      const rows = await store.auditRows(chain, { limit: maxPageRows, afterNumber: read });
      ended = rows.length < maxPageRows;
      read = rows.at(-1)?.number ?? read;
      ahead.push(...rows);
      onPage(rows);
    }
    const [row] = ahead;
    if (row === undefined) return previous.number;
    // What a row after a gap links to is gone, so that its link proves nothing.
    const gap = row.number !== previous.number + 1;
    const order = gap ? undefined : trueOrder(previous, ahead.slice(0, reorderWindowRows));
    if (gap) found("missing", previous.number + 1, row.number - 1);
    else if (order === undefined) found("altered", row.number);
    else if (order.length > 1) found("reordered", row.number, row.number + order.length - 1);
    const judged = order ?? [row];
    for (const [at, { hash }] of judged.entries()) {
      previous = { chain, number: row.number + at, hash };
      const known = marks.get(previous.number) ?? [];
      if ([...known].some((mark) => mark !== hash)) found("rewritten", previous.number);
    }
    ahead.splice(0, judged.length);
  }
}

/**
 * The leading rows in the order of their links: one row where all is well, several when they were displaced among
 * themselves; undefined when no order fits.
 */
function trueOrder(head: ChainHead, rows: readonly AuditRow[]): AuditRow[] | undefined {
  const order: AuditRow[] = [];
  let previous = head;
  let furthest = -1;
  do {
    const next = rows.findIndex((row) => !order.includes(row) && follows(previous, row));
    const row = rows[next];
    if (row === undefined) return undefined;
    order.push(row);
    furthest = Math.max(furthest, next);
    previous = { chain: head.chain, number: previous.number + 1, hash: row.hash };
  } while (furthest + 1 !== order.length);
  return order;
}
