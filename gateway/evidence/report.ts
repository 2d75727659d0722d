/** What `audit:verify` says of chains, for people. */
import type { ChainFault, ChainFaultKind, ChainReport } from "./verify.ts";

const words: Record<ChainFaultKind, string> = {
  altered: "altered: it does not follow from the one before it",
  missing: "missing: later rows are there",
  reordered: "reordered: they stand in each other's place",
  cut_tail: "cut off: a signed checkpoint or a later chain speaks of them",
  rewritten: "rewritten: it links, but it is not the row that was signed",
  checkpoint_forged: "forged checkpoint: its signature does not verify",
  checkpoint_key_unknown: "checkpoint of an unknown key: configure it under signing.archived",
};

function isIntact({ faultCount }: ChainReport): boolean {
  return faultCount === 0;
}

/** The lines about one chain: what it holds and its verdict, then each fault. */
export function chainLines(report: ChainReport): string[] {
  const { chain, entries, lastCheckpoint, uncovered, faults, faultCount } = report;
  const signed =
    lastCheckpoint === undefined
      ? "no checkpoint"
      : `last checkpoint #${lastCheckpoint.number} of ${new Date(lastCheckpoint.atMs).toISOString()}`;
  const verdict = isIntact(report) ? "intact" : "NOT INTACT";
  const unlisted = faultCount - faults.length;
  return [
    `${chain}: ${entries} entries, ${signed}, ${uncovered} after it: ${verdict}`,
    ...faults.map((fault) => `  ${chain} ${rowsOf(fault)} ${words[fault.kind]}`),
    ...(unlisted > 0 ? [`  and ${unlisted} more`] : []),
  ];
}

function rowsOf({ number, to }: ChainFault): string {
  return to === undefined ? `#${number}` : `#${number} to #${to}`;
}

/** A gateway that was started has a chain: none at all is no proof of anything. */
export function allIntact(reports: readonly ChainReport[]): boolean {
  return reports.length > 0 && reports.every(isIntact);
}

/** The last line. */
export function summaryLine(reports: readonly ChainReport[]): string {
  if (reports.length === 0) return "no chain: no gateway was started on this store, or all evidence was taken away";
  const entries = reports.reduce((sum, report) => sum + report.entries, 0);
  const broken = reports.filter((report) => !isIntact(report)).length;
  const verdict = broken === 0 ? "intact" : `NOT INTACT: ${broken} of ${reports.length} chains`;
  return `${reports.length} chains, ${entries} entries: ${verdict}`;
}
