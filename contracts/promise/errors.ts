/** `npm run errors [-- --adapter NAME] [--json]`: each vendor's codes, what they become, and what the partner should do. */
import { parseArgs } from "node:util";
import { readAdapters } from "./adapters.ts";
import { explainedCodes } from "./errors-table.ts";
import type { ExplainedCode } from "./errors-table.ts";
import { aligned } from "./tables.ts";
import type { Column } from "./tables.ts";

const usage = `Usage: npm run errors -- [--adapter NAME] [--json]

Each code of each vendor: what a partner gets for it, what is known of the effect, whether to repeat, what to do.
A code without a row becomes vendor_fault, outcome unknown. Exit code: 0, or 2 for usage.
`;

const maxOperationsShown = 2;

const columns: readonly Column<ExplainedCode>[] = [
  { title: "ADAPTER", cell: ({ adapter }) => adapter },
  { title: "VENDOR CODE", cell: ({ vendorCode }) => vendorCode },
  { title: "OPERATION", cell: ({ operations }) => shown(operations) },
  { title: "OUR CODE", cell: ({ code, status }) => `${status} ${code}` },
  { title: "OUTCOME", cell: ({ outcome }) => outcome },
  { title: "RETRY", cell: ({ retry }) => retry },
  { title: "WHAT THE PARTNER SHOULD DO", cell: ({ advice }) => advice },
];

function shown(operations: readonly string[]): string {
  if (operations.length === 0) return "any";
  const more = operations.length - maxOperationsShown;
  return operations.slice(0, maxOperationsShown).join(", ") + (more > 0 ? ` and ${more} more` : "");
}

async function run(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: { adapter: { type: "string" }, json: { type: "boolean" }, help: { type: "boolean" } },
  });
  if (values.help === true) {
    process.stdout.write(usage);
    return 0;
  }
  const folders = await readAdapters();
  const chosen = folders.filter(({ name }) => values.adapter === undefined || name === values.adapter);
  if (chosen.length === 0) {
    throw new TypeError(`no adapter ${values.adapter}; there are ${folders.map(({ name }) => name).join(", ")}`);
  }
  const rows = chosen.flatMap(explainedCodes);
  process.stdout.write(`${values.json === true ? JSON.stringify(rows, undefined, 2) : aligned(columns, rows)}\n`);
  return 0;
}

process.exitCode = await run(process.argv.slice(2)).catch((error: unknown) => {
  if (!(error instanceof TypeError)) throw error;
  process.stderr.write(`${error.message}\n\n${usage}`);
  return 2;
});
