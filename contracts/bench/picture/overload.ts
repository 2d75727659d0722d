/** Offered load against what succeeds and what is refused, and how long the successes take. */
import type { Overload, Step } from "../overload.ts";
import { smallMultiples } from "./lines.ts";
import type { Panel } from "./lines.ts";
import { short } from "./svg.ts";

export function overloadPicture({ steps, date, machine, capacityPerSecond }: Overload): string {
  const panel = (title: string, lines: Record<string, (step: Step) => number>): Panel => ({
    title,
    caption: "times the capacity",
    x: steps.map(({ times }) => times),
    lines: Object.entries(lines).map(([name, value]) => ({ name, values: steps.map(value) })),
  });
  const panels = [
    panel("calls a second", {
      succeed: ({ goodPerSecond }) => goodPerSecond,
      "refused at once": ({ shedPerSecond }) => shedPerSecond,
    }),
    panel("ms, of what succeeds", { p50: ({ p50Ms }) => p50Ms, p99: ({ p99Ms }) => p99Ms }),
  ];
  return smallMultiples(`Overload, ${date}: capacity ${short(capacityPerSecond)} calls a second`, panels, [machine]);
}
