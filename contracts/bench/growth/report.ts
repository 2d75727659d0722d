/** What growth came to: a table and a picture. */
import { smallMultiples } from "../picture/lines.ts";
import type { Panel } from "../picture/lines.ts";
import { short } from "../picture/svg.ts";
import { markdown } from "../table.ts";
import type { AxisName } from "./axes.ts";
import { flatWithin } from "./points.ts";
import type { AxisFigures, Scale } from "./types.ts";

export interface Growth extends Scale {
  /** UTC day. */
  date: string;
  machine: string;
  axes: Partial<Record<AxisName, AxisFigures>>;
}

export function growthTable({ axes }: Pick<Growth, "axes">): string {
  const rows = Object.values(axes).flatMap(({ title, points, finding, holds }) =>
    points.map(({ name, cpuUs, p50Ms, p99Ms, failed }, index) => [
      index === 0 ? title : "",
      index === points.length - 1 ? `${finding}${holds ? "" : " (not as it should be)"}` : "",
      name,
      cpuUs.toFixed(0),
      (cpuUs / (points[0]?.cpuUs ?? NaN)).toFixed(2),
      p50Ms.toFixed(1),
      p99Ms.toFixed(1),
      String(failed),
    ]),
  );
  return markdown(["axis", "finding", "at", "CPU µs", "×", "p50 ms", "p99 ms", "failed"], rows, 2);
}

/** CPU and p50 of each axis in multiples of its first point, so that what is flat lies at 1; p99 where that is what is judged. */
export function growthPicture({ axes, date, machine, rounds, seconds }: Growth): string {
  const panels = Object.values(axes).map(({ title, points, finding, judged }): Panel => {
    const [first] = points;
    const times = (value: "cpuUs" | "p50Ms" | "p99Ms"): number[] =>
      points.map((point) => point[value] / (first?.[value] ?? NaN));
    const line =
      judged === "cpuUs"
        ? {
            name: "CPU a request, ×",
            values: times("cpuUs"),
            labels: points.map(({ cpuUs }) => `${short(Math.round(cpuUs))} µs`),
          }
        : { name: "p99, ×", values: times("p99Ms"), labels: points.map(({ p99Ms }) => `${short(p99Ms)} ms`) };
    return {
      title,
      caption: finding,
      x: points.map(({ x }) => x),
      names: points.map(({ x, name }) => (Number.isNaN(Number(name.replaceAll(",", ""))) ? name : short(x))),
      lines: [line, { name: "p50, ×", values: times("p50Ms") }],
      limit: flatWithin,
    };
  });
  const notes = [
    `Multiples of the first point; dashed: × ${flatWithin}. ${rounds} interleaved rounds of ${seconds} s, medians.`,
    `${machine}.`,
  ];
  return smallMultiples(`What grows, and what a request then costs, ${date}`, panels, notes);
}
