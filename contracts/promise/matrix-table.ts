/** The tables of adapters/README.md: who each vendor is and what it signs, and each adapter's operations with their proof. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { operations } from "#specs";
import type { OperationId } from "#specs";
import { format } from "oxfmt";
import { adaptersDir, readAdapters } from "./adapters.ts";
import type { AdapterFolder } from "./adapters.ts";
import { markdown } from "./tables.ts";
import type { Column } from "./tables.ts";

export const readme = join(adaptersDir, "README.md");
const start = "<!-- matrix: written by `npm run matrix` from the manifests -->";
const end = "<!-- /matrix -->";
const printWidth = 120;

interface Row {
  adapter: string;
  capability: string;
  supported: string[];
  unsupported: { verb: string; why: string }[];
  proof: string;
}

/** Who each vendor is, and what is verified of what it says. */
const vendorColumns: readonly Column<Pick<AdapterFolder, "manifest">>[] = [
  { title: "adapter", cell: ({ manifest }) => `[\`${manifest.name}\`](${manifest.name}/README.md)` },
  { title: "vendor", cell: ({ manifest }) => manifest.title },
  {
    title: "its answers",
    cell: ({ manifest: { protocol } }) =>
      typeof protocol.verify === "function" ? "verified" : `unsigned: ${protocol.verify.unsigned}`,
  },
  { title: "its callbacks", cell: ({ manifest }) => (manifest.callbacks === undefined ? "none" : "verified") },
];

const columns: readonly Column<Row>[] = [
  { title: "adapter", cell: ({ adapter }) => `[\`${adapter}\`](${adapter}/README.md)` },
  { title: "capability", cell: ({ capability }) => capability },
  { title: "operations", cell: ({ supported }) => supported.join(", ") || "none" },
  {
    title: "not offered, and why",
    cell: ({ unsupported }) => unsupported.map(({ verb, why }) => `${verb}: ${why}`).join("; "),
  },
  { title: "proof", cell: ({ proof }) => proof },
];

/** One row for each adapter and capability that it claims, in the contract's order. */
export function matrixRows(folders: readonly Pick<AdapterFolder, "manifest">[]): Row[] {
  return folders.flatMap(({ manifest: { name, capabilities, unsupported, proof } }) => {
    const inOrder = [...new Set(Object.keys(operations).map((id) => id.split(".")[0] ?? ""))];
    const handlers = capabilities as Record<string, object | undefined>;
    const date = proof.verifiedOnDate === undefined ? "" : `, ${proof.verifiedOnDate}`;
    return inOrder
      .filter((capability) => handlers[capability] !== undefined)
      .map((capability) => ({
        adapter: name,
        capability,
        supported: Object.keys(handlers[capability] ?? {}),
        unsupported: unsupported
          .filter(({ operation }: { operation: OperationId }) => operation.startsWith(`${capability}.`))
          .map(({ operation, why }) => ({ verb: operation.split(".")[1] ?? "", why })),
        proof: `${proof.grade}${proof.by === undefined ? "" : ` (${proof.by})`}${date}`,
      }));
  });
}

/** The README as it should be. Throws when it lacks the markers. */
export async function renderReadme(text = readFileSync(readme, "utf8")): Promise<string> {
  const [from, to] = [text.indexOf(start), text.indexOf(end)];
  if (from === -1 || to < from) throw new Error(`adapters/README.md needs the lines ${start} and ${end}`);
  const folders = await readAdapters();
  const tables = [markdown(vendorColumns, folders), markdown(columns, matrixRows(folders))].join("\n\n");
  const { code } = await format("matrix.md", tables, { printWidth });
  return `${text.slice(0, from + start.length)}\n\n${code.trim()}\n\n${text.slice(to)}`;
}
