/** Whether a soak held: medians of the second quarter against those of the last; the first fifth is for warming up. */
import { median } from "../figures.ts";
import { markdown } from "../table.ts";
import type { SoakSample } from "./run.ts";

export interface Check {
  what: string;
  second: number;
  last: number;
  /** Most that the last quarter's median may be; null: told only. */
  most: number | null;
  holds: boolean;
}

const rssWithin = 1.05;
const p99Within = 1.1;
/** Of rested samples: what a silent vendor holds up is still there, and breathes. What leaks with each fault is hundreds. */
const countWithin = 1.1;
const countSlack = 16;

export function verdict(samples: readonly SoakSample[]): Check[] {
  const quarter = (number: number): readonly SoakSample[] =>
    samples.slice(Math.floor((samples.length * (number - 1)) / 4), Math.floor((samples.length * number) / 4));
  const check = (what: string, value: (of: SoakSample) => number | null, most?: (second: number) => number): Check => {
    const of = (number: number): number => median(quarter(number).flatMap((sample) => value(sample) ?? []));
    const [second, last] = [of(2), of(4)];
    const bound = most?.(second);
    return { what, second, last, most: bound ?? null, holds: bound === undefined || last <= bound };
  };
  const counted = (second: number): number => second * countWithin + countSlack;
  const rested = (value: (of: SoakSample) => number) => (sample: SoakSample) => (sample.rested ? value(sample) : null);
  const types = [...new Set(samples.flatMap(({ handles }) => Object.keys(handles)))].toSorted();
  return [
    check(
      "RSS, MiB",
      ({ rssMiB }) => rssMiB,
      (second) => second * rssWithin,
    ),
    check(
      "heap after a collection, MiB",
      rested(({ heapMiB }) => heapMiB),
    ),
    check(
      "sockets",
      rested(({ sockets }) => sockets),
      counted,
    ),
    ...types.map((type) =>
      check(
        type,
        rested(({ handles }) => handles[type] ?? 0),
        counted,
      ),
    ),
    check(
      "p99, ms",
      ({ p99Ms }) => p99Ms,
      (second) => second * p99Within,
    ),
    check("event loop's delay, p99, ms", ({ eventLoopP99Ms }) => eventLoopP99Ms),
    check("successes a second", ({ perSecond }) => perSecond),
  ];
}

export function verdictTable(checks: readonly Check[]): string {
  const rows = checks.map(({ what, second, last, most, holds }) => [
    what,
    most === null ? "" : holds ? "holds" : "BROKEN",
    second.toFixed(1),
    last.toFixed(1),
    second > 0 ? `${((last / second - 1) * 100).toFixed(1)} %` : "",
    most === null ? "" : most.toFixed(1),
  ]);
  return markdown(["median of", "verdict", "second quarter", "last quarter", "change", "at most"], rows, 2);
}
