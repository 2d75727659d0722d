/** Plain text tables for terminals. */
import { styleText } from "node:util";

export interface Column<Row> {
  title: string;
  cell(row: Row): string;
}

/** Wide characters (CJK) take two places in a terminal. */
function widthOf(text: string): number {
  return [...text].reduce((width, sign) => width + (/[ᄀ-ᅟ⺀-꓏가-힣豈-﫿︰-﹏＀-｠￠-￦]/u.test(sign) ? 2 : 1), 0);
}

/** Aligned columns with a heading; the last column is left ragged. */
export function aligned<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const cells = rows.map((row) => columns.map(({ cell }) => cell(row)));
  const widths = columns.map(({ title }, at) =>
    Math.max(widthOf(title), ...cells.map((line) => widthOf(line[at] ?? ""))),
  );
  const line = (texts: readonly string[]): string =>
    texts
      .map((text, at) => text + " ".repeat(Math.max(0, (widths[at] ?? 0) - widthOf(text))))
      .join("  ")
      .trimEnd();
  const heading = styleText("bold", line(columns.map(({ title }) => title)), { stream: process.stdout });
  return [heading, ...cells.map(line)].join("\n");
}

/** A Markdown table; `|` in a cell is escaped. */
export function markdown<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const line = (texts: readonly string[]): string =>
    `| ${texts.map((text) => text.replaceAll("|", "\\|")).join(" | ")} |`;
  return [
    line(columns.map(({ title }) => title)),
    line(columns.map(() => "---")),
    ...rows.map((row) => line(columns.map(({ cell }) => cell(row)))),
  ].join("\n");
}
