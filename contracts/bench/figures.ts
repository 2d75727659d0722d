/** From rounds to figures: medians, ratios to the floor, and the table. */
import type { Build, Workload } from "./exchange.ts";
import type { Measured } from "./stage.ts";
import { markdown } from "./table.ts";

/** One build under one workload. Times of CPU are of the whole process unless they say otherwise. */
export interface BuildFigures {
  perSecond: number;
  cpuUs: number;
  mainThreadUs: number;
  otherThreadsUs: number;
  /** At the same offered load for every build: half of what Qiao does. */
  p50Ms: number;
  p99Ms: number;
  allocatedKiB: number;
  rssMiB: number;
  /** Answers that were no success. */
  failed: number;
}

export interface WorkloadFigures {
  /** Qiao against the floor: requests a second, CPU a request, p99 at half load. */
  ratio: number;
  cpuRatio: number;
  p99Ratio: number;
  /** CPU of one request, for `deploy/capacity.ts`. */
  cpuMs: number;
  halfLoadPerSecond: number;
  builds: Partial<Record<Build, BuildFigures>>;
}

export interface Results {
  /** UTC day. */
  date: string;
  machine: string;
  rounds: number;
  seconds: number;
  read: WorkloadFigures;
  effect: WorkloadFigures;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low = NaN, high = NaN] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]];
  return (low + high) / 2;
}

/** The figures of a build from its rounds at saturation and at half load. */
export function figuresOf(saturated: readonly Measured[], halfLoaded: readonly Measured[]): BuildFigures {
  const each = (of: readonly Measured[], value: (round: Measured) => number): number => median(of.map(value));
  const cpuUs = each(saturated, ({ usage, succeeded }) => usage.cpuUs / succeeded);
  const mainThreadUs = each(saturated, ({ usage, succeeded }) => usage.mainThreadUs / succeeded);
  return {
    perSecond: each(saturated, ({ perSecond }) => perSecond),
    cpuUs,
    mainThreadUs,
    otherThreadsUs: cpuUs - mainThreadUs,
    p50Ms: each(halfLoaded, ({ p50Ms }) => p50Ms),
    p99Ms: each(halfLoaded, ({ p99Ms }) => p99Ms),
    allocatedKiB: each(saturated, ({ usage, succeeded }) => usage.allocatedBytes / succeeded / 1_024),
    rssMiB: each(saturated, ({ usage }) => usage.rssBytes / 1_024 ** 2),
    failed: [...saturated, ...halfLoaded].reduce((sum, { failed }) => sum + failed, 0),
  };
}

/** Qiao's figures against the floor's. */
export function compared(builds: Partial<Record<Build, BuildFigures>>, halfLoadPerSecond: number): WorkloadFigures {
  const { floor, qiao } = builds;
  const over = (value: (of: BuildFigures) => number): number =>
    floor === undefined || qiao === undefined ? NaN : value(qiao) / value(floor);
  return {
    ratio: over(({ perSecond }) => perSecond),
    cpuRatio: over(({ cpuUs }) => cpuUs),
    p99Ratio: over(({ p99Ms }) => p99Ms),
    cpuMs: (qiao?.cpuUs ?? NaN) / 1_000,
    halfLoadPerSecond,
    builds,
  };
}

const columns: readonly (readonly [title: string, cell: (of: BuildFigures, floor: BuildFigures) => string])[] = [
  ["requests/s", ({ perSecond }) => perSecond.toFixed(0)],
  ["of the floor", ({ perSecond }, floor) => (perSecond / floor.perSecond).toFixed(2)],
  ["CPU µs", ({ cpuUs }) => cpuUs.toFixed(0)],
  ["main", ({ mainThreadUs }) => mainThreadUs.toFixed(0)],
  ["other threads", ({ otherThreadsUs }) => otherThreadsUs.toFixed(0)],
  ["× floor", ({ cpuUs }, floor) => (cpuUs / floor.cpuUs).toFixed(2)],
  ["p50 ms", ({ p50Ms }) => p50Ms.toFixed(1)],
  ["p99 ms", ({ p99Ms }) => p99Ms.toFixed(1)],
  ["p99 × floor", ({ p99Ms }, floor) => (p99Ms / floor.p99Ms).toFixed(2)],
  ["KiB allocated", ({ allocatedKiB }) => allocatedKiB.toFixed(0)],
  ["RSS MiB", ({ rssMiB }) => rssMiB.toFixed(0)],
];

/** The table of a run, as Markdown that reads well in a terminal too. */
export function table({ read, effect }: Pick<Results, "read" | "effect">): string {
  const head = ["workload", "build", ...columns.map(([title]) => title)];
  const rows = Object.entries({ read, effect } satisfies Record<Workload, WorkloadFigures>).flatMap(
    ([name, { builds }]) =>
      Object.entries(builds).map(([build, figures]) => [
        name,
        build,
        ...columns.map(([, cell]) => cell(figures, builds.floor ?? figures)),
      ]),
  );
  return markdown(head, rows, 2);
}
