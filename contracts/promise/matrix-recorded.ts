/** The recorded exchanges of one adapter as its README shows them: each is the example of its operation. */
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { format } from "oxfmt";
import { fixtureFiles, readFixture } from "../kit/fixtures/fixture.ts";
import type { Fixture } from "../kit/fixtures/fixture.ts";
import { adaptersDir } from "./adapters.ts";
import { markdown } from "./tables.ts";
import type { Column } from "./tables.ts";

const start = "<!-- recorded: written by `npm run matrix` from fixtures/ -->";
const end = "<!-- /recorded -->";
const printWidth = 120;

const columns: readonly Column<Fixture & { file: string }>[] = [
  { title: "operation", cell: ({ operation, file }) => `[\`${operation}\`](fixtures/${file})` },
  {
    title: "what the vendor was asked",
    cell: ({ turns }) => [...new Set(turns.map((turn) => `\`${turn.operation}\``))].join(", ") || "nothing",
  },
  { title: "it ended as", cell: ({ result }) => [result.outcome, result.problem ?? statusOf(result.body)].join(" ") },
  {
    title: "recorded from",
    cell: ({ source, recordedOn }) => `${source === "mock" ? "the" : "a"} ${source}, ${recordedOn}`,
  },
];

/** An adapter's README as it should be. Throws when it lacks the markers, or a fixture cannot be read. */
export async function renderRecorded(name: string, given?: string): Promise<string> {
  const text = given ?? readFileSync(join(adaptersDir, name, "README.md"), "utf8");
  const [from, to] = [text.indexOf(start), text.indexOf(end)];
  if (from === -1 || to < from) throw new Error(`adapters/${name}/README.md needs the lines ${start} and ${end}`);
  const files = await fixtureFiles(adaptersDir, name);
  const rows = await Promise.all(files.map(async (file) => ({ ...(await readFixture(file)), file: basename(file) })));
  const { code } = await format("recorded.md", markdown(columns, rows), { printWidth });
  const none = `None yet: \`npm run adapter:dev -- ${name} --fire <operation> --record\` keeps one.`;
  return `${text.slice(0, from + start.length)}\n\n${rows.length === 0 ? none : code.trim()}\n\n${text.slice(to)}`;
}

function statusOf(body: unknown): string {
  const { status } = (body ?? {}) as { status?: unknown };
  return typeof status === "string" ? `(${status})` : "";
}
