/** Offered load against what succeeds and what is refused, and how long the successes take. */
import type { Overload, Step } from "../overload.ts";
import { colours, short, svg, text, ticks } from "./svg.ts";

const width = 860;
const height = 330;
const top = 50;
const bottom = 270;
const panelWidth = 320;

interface Line {
  name: string;
  colour: string;
  value(step: Step): number;
}

interface Panel {
  title: string;
  left: number;
  lines: readonly Line[];
}

const panels: readonly Panel[] = [
  {
    title: "calls a second",
    left: 70,
    lines: [
      { name: "succeed", colour: colours[2], value: ({ goodPerSecond }) => goodPerSecond },
      { name: "refused at once", colour: colours[3], value: ({ shedPerSecond }) => shedPerSecond },
    ],
  },
  {
    title: "ms, of what succeeds",
    left: 500,
    lines: [
      { name: "p50", colour: colours[0], value: ({ p50Ms }) => p50Ms },
      { name: "p99", colour: colours[1], value: ({ p99Ms }) => p99Ms },
    ],
  },
];

export function overloadPicture({ steps, date, machine, capacityPerSecond }: Overload): string {
  const parts = [
    text(70, 24, `Overload, ${date}: capacity ${short(capacityPerSecond)} calls a second`, 'class="title"'),
  ];
  const most = Math.max(...steps.map(({ times }) => times));
  for (const { title, left, lines } of panels) {
    const values = steps.flatMap((step) => lines.map(({ value }) => value(step)));
    const marks = ticks(Math.max(...values));
    const highest = marks.at(-1) ?? 1;
    const x = (times: number): number => left + (times / most) * panelWidth;
    const y = (value: number): number => bottom - (value / highest) * (bottom - top);
    parts.push(text(left, top - 10, title));
    for (const mark of marks) {
      parts.push(`<line class="grid" x1="${left}" x2="${left + panelWidth}" y1="${y(mark)}" y2="${y(mark)}"/>`);
      parts.push(text(left - 8, y(mark) + 4, short(mark), 'text-anchor="end"'));
    }
    for (const { times } of steps) parts.push(text(x(times), bottom + 18, `${times}×`, 'text-anchor="middle"'));
    for (const [at, { name, colour, value }] of lines.entries()) {
      const points = steps.map((step) => `${x(step.times).toFixed(1)},${y(value(step)).toFixed(1)}`).join(" ");
      parts.push(`<polyline points="${points}" fill="none" stroke="${colour}" stroke-width="2"/>`);
      parts.push(`<rect x="${left + at * 130}" y="${bottom + 30}" width="12" height="3" fill="${colour}"/>`);
      parts.push(text(left + at * 130 + 18, bottom + 35, name));
    }
  }
  parts.push(text(70, height - 6, machine, 'style="font-size:11px"'));
  return svg(width, height, parts);
}
