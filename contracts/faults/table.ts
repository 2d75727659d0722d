import type { Verdict } from "./mutations.ts";
import type { HarnessReport } from "./report.ts";

const maxViolationsShown = 20;

/** The summary of all reports: a row each, the faults by kind, and what was broken. */
export function summary(reports: readonly HarnessReport[]): string {
  const head = [
    "harness",
    "rounds",
    "calls",
    "faults",
    "duplicates",
    "losses",
    "unresolved",
    "violations",
    "seeds",
    "time",
  ];
  const rows = reports.map((report) => [
    report.harness,
    String(report.rounds),
    String(report.steps),
    String(sum(report.faults)),
    String(report.duplicates),
    String(report.losses),
    String(report.unresolved),
    String(report.violations.length),
    seedsOf(report.seeds),
    `${(report.durationMs / 1_000).toFixed(1)} s`,
  ]);
  const kinds = reports.map(({ harness, faults }) => {
    const named = Object.entries(faults).toSorted(([, a], [, b]) => b - a);
    return `  ${harness}: ${named.map(([kind, count]) => `${kind} ${count}`).join(", ") || "none"}`;
  });
  const broken = reports.flatMap(({ harness, violations }) => [
    ...violations
      .slice(0, maxViolationsShown)
      .map(({ invariant, what, replay }) => `  ${invariant} ${what}\n      ${replay}`),
    ...(violations.length > maxViolationsShown
      ? [`  and ${violations.length - maxViolationsShown} more of ${harness}`]
      : []),
  ]);
  return [
    columns([head, ...rows]),
    "faults fired by kind:",
    ...kinds,
    broken.length === 0 ? "every promise was kept" : `BROKEN:\n${broken.join("\n")}`,
  ].join("\n");
}

/** Which mutation was seen by whom. */
export function mutationTable(verdicts: readonly Verdict[]): string {
  return columns([
    ["mutation", "breaks", "seen by", "invariants", "replay", "time"],
    ...verdicts.map(({ name, what, caught, durationMs }) => [
      name,
      what,
      caught?.harness ?? "NOBODY",
      caught?.invariants.join(" ") ?? "",
      caught?.replay ?? "",
      `${(durationMs / 1_000).toFixed(1)} s`,
    ]),
  ]);
}

function seedsOf(seeds: readonly number[]): string {
  const [first] = seeds;
  const last = seeds.at(-1);
  return first === undefined || last === undefined ? "" : first === last ? String(first) : `${first} to ${last}`;
}

function sum(counts: Record<string, number>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}

function columns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => (row[at] ?? "").length)));
  return rows
    .map((row) =>
      row
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
