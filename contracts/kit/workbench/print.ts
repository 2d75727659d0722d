/** One exchange for a terminal. */
import { styleText } from "node:util";
import type { Shown } from "./show.ts";

const maxBodyLines = 60;

/** What we were asked, what we sent, what came back, what the mapping made of it, what left a spec. */
export function printed(shown: Shown, colours: boolean): string {
  const style = (format: Parameters<typeof styleText>[0], text: string): string =>
    colours ? styleText(format, text, { validateStream: false }) : text;
  const head = (text: string): string =>
    style(["bold", "cyan"], `── ${text} ${"─".repeat(Math.max(3, 76 - text.length))}`);
  const turns = shown.turns.flatMap((turn) => [
    ...turn.attempts.flatMap((attempt, at) => [
      head(`we sent · ${turn.operation}${turn.attempts.length > 1 ? ` · attempt ${at + 1}` : ""}`),
      attempt.curl,
      head(`came back · ${attempt.status}`),
      [attempt.headers, attempt.body]
        .filter((part) => part !== "")
        .map(cut)
        .join("\n\n"),
    ]),
    ...(turn.fault === undefined ? [] : [style("yellow", `the road says ${turn.fault}`)]),
  ]);
  return [
    style(["bold", "inverse"], ` ${shown.title} `) + style("dim", `  ${shown.at}`),
    head(shown.kind === "callback" ? "the vendor called" : "we were asked"),
    cut(shown.asked),
    ...turns,
    ...shown.mappings.flatMap((mapping) => [
      head(`the mapping's result · ${mapping.operation} · ${mapping.outcome}`),
      cut(mapping.said),
    ]),
    ...(shown.answered === undefined
      ? []
      : [head(`the partner got · ${shown.answered.status}`), cut(shown.answered.body)]),
    shown.violations.length === 0
      ? style("green", "no violation of either spec")
      : style(["bold", "red"], ["violations", ...shown.violations].join("\n  ")),
    ...(shown.note === undefined ? [] : [style("yellow", shown.note)]),
    "",
  ].join("\n");
}

function cut(text: string): string {
  const lines = text.trimEnd().split("\n");
  if (lines.length <= maxBodyLines) return lines.join("\n");
  return [...lines.slice(0, maxBodyLines), `… ${lines.length - maxBodyLines} lines more, on the page`].join("\n");
}
