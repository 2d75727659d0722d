import { smallMultiples } from "../picture/lines.ts";
import type { Line, Panel } from "../picture/lines.ts";
import type { SoakSample } from "./run.ts";

/** Four panels over the minutes of a soak. */
export function soakPicture(title: string, samples: readonly SoakSample[], notes: readonly string[]): string {
  const rested = samples.filter((sample) => sample.rested);
  const all = ({ handles }: SoakSample): number => Object.values(handles).reduce((sum, count) => sum + count, 0);
  const panel = (
    of: string,
    among: readonly SoakSample[],
    lines: Record<string, (of: SoakSample) => number | null>,
  ): Panel => ({
    title: of,
    caption: "minutes",
    x: among.map(({ atMinutes }) => atMinutes),
    lines: Object.entries(lines).map(([name, value]): Line => ({
      name,
      values: among.map((each) => value(each) ?? NaN),
    })),
  });
  const panels = [
    panel("memory, MiB", rested, { RSS: ({ rssMiB }) => rssMiB, "heap, collected": ({ heapMiB }) => heapMiB }),
    panel("open, at rest", rested, { sockets: ({ sockets }) => sockets, "other handles": all }),
    panel("p99 of successes, ms", samples, { p99: ({ p99Ms }) => p99Ms }),
    panel("event loop's delay, p99, ms", samples, { delay: ({ eventLoopP99Ms }) => eventLoopP99Ms }),
  ];
  return smallMultiples(title, panels, notes);
}
