/** Small multiples: a panel for each question, lines over a measured or a named axis, from zero. */
import { colours, short, svg, text, ticks } from "./svg.ts";

export interface Line {
  name: string;
  /** One for each of the panel's `x`; what is no number is left out. */
  values: readonly number[];
  /** Written at the points. */
  labels?: readonly string[];
}

export interface Panel {
  title: string;
  /** Under the picture: the unit of x, or what came out. */
  caption: string;
  /** Positions, equally far from one another where they have names. */
  x: readonly number[];
  names?: readonly string[];
  lines: readonly Line[];
  /** A bound, dashed. */
  limit?: number;
}

const panelWidth = 400;
const panelHeight = 235;
const columns = 2;
const plot = { left: 46, right: 24, top: 50, bottom: 54 } as const;
const headHeight = 36;
const lineHeight = 16;
/** Named points keep so far from the ends, for what is written at them. */
const inset = 32;

/** The pictures' style sheet goes before attributes, so sizes and colours stand in `style`. */
const small = (colour?: string): string => `style="font-size:11px${colour === undefined ? "" : `;fill:${colour}`}"`;

/** The whole picture; `notes` stand below, each in a line. */
export function smallMultiples(title: string, panels: readonly Panel[], notes: readonly string[]): string {
  const footTop = headHeight + Math.ceil(panels.length / columns) * panelHeight + 8;
  const parts = [
    text(plot.left, 24, title, 'class="title"'),
    ...panels.flatMap((panel, at) =>
      panelAt(panel, (at % columns) * panelWidth, headHeight + Math.floor(at / columns) * panelHeight),
    ),
    ...notes.map((note, at) => text(plot.left, footTop + at * lineHeight, note, small())),
  ];
  return svg(Math.min(columns, panels.length) * panelWidth, footTop + notes.length * lineHeight, parts);
}

function panelAt({ title, caption, x, names, lines, limit }: Panel, left: number, top: number): string[] {
  const most = Math.max(limit ?? 0, ...lines.flatMap(({ values }) => values.filter(Number.isFinite)));
  const steps = ticks(most, 4);
  const to = names === undefined ? Math.max(...x) : x.length - 1;
  const [width, height] = [panelWidth - plot.left - plot.right, panelHeight - plot.top - plot.bottom];
  const bottom = top + plot.top + height;
  const atX = (index: number): number =>
    names === undefined
      ? left + plot.left + ((x[index] ?? 0) / (to || 1)) * width
      : left + plot.left + inset + (index / (to || 1)) * (width - 2 * inset);
  const atY = (value: number): number => bottom - (value / (steps.at(-1) ?? 1)) * height;
  const across = (y: number, how: string): string =>
    `<line x1="${left + plot.left}" x2="${left + plot.left + width}" y1="${y.toFixed(1)}" y2="${y.toFixed(1)}" ${how}/>`;
  const parts = [text(left + plot.left, top + 14, title, 'style="font-weight:600"')];
  for (const step of steps) {
    parts.push(across(atY(step), step === 0 ? 'class="axis"' : 'class="grid"'));
    parts.push(text(left + plot.left - 6, atY(step) + 4, short(step), `${small()} text-anchor="end"`));
  }
  if (limit !== undefined) {
    parts.push(across(atY(limit), `stroke="${colours[3]}" stroke-width="1" stroke-dasharray="4 3"`));
  }
  if (names === undefined) {
    for (const step of ticks(to, 5).filter((each) => each <= to)) {
      const at = left + plot.left + (step / (to || 1)) * width;
      parts.push(text(at, bottom + 15, short(step), `${small()} text-anchor="middle"`));
    }
  } else {
    for (const [index, name] of names.entries())
      parts.push(text(atX(index), bottom + 15, name, `${small()} text-anchor="middle"`));
  }
  for (const [index, line] of lines.entries()) {
    const colour = colours[index % colours.length] ?? colours[0];
    parts.push(text(left + plot.left + index * 120, top + 32, line.name, small(colour)));
    parts.push(...drawn(line, colour, { atX, atY, dots: names !== undefined }));
  }
  parts.push(text(left + plot.left, bottom + 34, caption, small()));
  return parts;
}

interface Places {
  atX(index: number): number;
  atY(value: number): number;
  dots: boolean;
}

function drawn({ values, labels }: Line, colour: string, { atX, atY, dots }: Places): string[] {
  const points = values.flatMap((value, index) =>
    Number.isFinite(value) ? [{ index, x: atX(index), y: atY(value) }] : [],
  );
  const way = points.map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");
  return [
    `<polyline points="${way}" fill="none" stroke="${colour}" stroke-width="1.5"/>`,
    ...(dots
      ? points.map(({ x, y }) => `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="3" fill="${colour}"/>`)
      : []),
    ...(labels === undefined
      ? []
      : points.map(({ index, x, y }) => text(x, y - 7, labels[index] ?? "", `${small(colour)} text-anchor="middle"`))),
  ];
}
