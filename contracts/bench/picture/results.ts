/** The bench's result: for each workload requests a second and CPU a request of every build, beside the floor's. */
import type { Build } from "../exchange.ts";
import type { BuildFigures, Results } from "../figures.ts";
import { colours, short, svg, text } from "./svg.ts";

const width = 860;
const rowHeight = 26;
const groupGap = 40;
const left = 80;
const barWidth = 300;
const colourOf: Record<Build, string> = { floor: colours[5], qiao: colours[0], naive: colours[3] };

interface Panel {
  title: string;
  x: number;
  value(of: BuildFigures): number;
  label(value: number, floor: number): string;
}

const panels: readonly Panel[] = [
  {
    title: "requests a second",
    x: left,
    value: ({ perSecond }) => perSecond,
    label: (value, floor) => `${short(value)} (${(value / floor).toFixed(2)} of the floor)`,
  },
  {
    title: "CPU µs a request",
    x: left + barWidth + 100,
    value: ({ cpuUs }) => cpuUs,
    label: (value, floor) => `${value.toFixed(0)} (${(value / floor).toFixed(1)}×)`,
  },
];

export function barsOf(results: Results): string {
  const parts: string[] = [text(left, 24, `The same exchange, ${results.date}`, 'class="title"')];
  let y = 44;
  for (const workload of ["read", "effect"] as const) {
    const builds = Object.entries(results[workload].builds) as [Build, BuildFigures][];
    const floor = results[workload].builds.floor;
    if (floor === undefined) continue;
    for (const { title, x } of panels) parts.push(text(x, y + 12, `${workload}: ${title}`));
    for (const [row, [build, figures]] of builds.entries()) {
      const top = y + 20 + row * rowHeight;
      parts.push(text(left - 8, top + 14, build, 'text-anchor="end"'));
      for (const { x, value, label } of panels) {
        const most = Math.max(...builds.map(([, each]) => value(each)));
        const length = (value(figures) / most) * (barWidth - 130);
        parts.push(
          `<rect x="${x}" y="${top}" width="${length.toFixed(1)}" height="${rowHeight - 8}" rx="2" fill="${colourOf[build]}"/>`,
        );
        parts.push(text(x + length + 6, top + 14, label(value(figures), value(floor))));
      }
    }
    y += 20 + builds.length * rowHeight + groupGap;
  }
  parts.push(
    text(
      left - 60,
      y,
      `${results.rounds} interleaved rounds of ${results.seconds} s, medians. ${results.machine}.`,
      'style="font-size:11px"',
    ),
  );
  return svg(width, y + 16, parts);
}
