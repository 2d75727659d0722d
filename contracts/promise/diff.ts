/** `npm run spec:diff`: what would change for partners since the last release; with `--vendor`, what changed at a vendor. */
import { parseArgs, styleText } from "node:util";
import { readBundle } from "#specs";
import { compareDocuments } from "./diff/compare.ts";
import { lastRelease, release, versionOf } from "./diff/released.ts";
import type { Change, Level } from "./diff/types.ts";
import { vendorChanges } from "./diff/vendor.ts";
import type { VendorChange } from "./diff/vendor.ts";
import { isKept, nextVersion } from "./diff/version.ts";

const usage = `Usage: npm run spec:diff -- [--json]
       npm run spec:diff -- --release
       npm run spec:diff -- --vendor ADAPTER [--since REVISION] [--json]

  (nothing)     our bundle against the newest of specs/released; fails on a break that the version does not announce
  --release     keeps the bundle as specs/released/<info.version>.json
  --vendor      the adapter's vendor.openapi.yaml against the committed one (git; default HEAD), with the mappings that
                each change touches; fails on a break whose mappings were not touched
  --json        for programs

Exit code: 0 kept · 1 broken · 2 usage
`;

const colours = { breaking: "red", additive: "green", docs: "dim" } as const;
const maxOperationsShown = 6;

function shown({ level, where, what, operations }: Change): string {
  const more = operations.length - maxOperationsShown;
  const names = operations.slice(0, maxOperationsShown).join(", ") + (more > 0 ? ` and ${more} more` : "");
  const mark = styleText(colours[level], level.padEnd(8), { stream: process.stdout });
  return `${mark}  ${where}: ${what}${operations.length === 0 ? "" : `\n          in ${names}`}`;
}

function counted(changes: readonly Change[]): string {
  const count = (level: Level): number => changes.filter((change) => change.level === level).length;
  return `${count("breaking")} breaking, ${count("additive")} additive, ${count("docs")} in the documentation`;
}

/** Returns the exit code. */
function ours(json: boolean): number {
  const bundle = readBundle();
  const { version, file, document } = lastRelease();
  const changes = compareDocuments(document, bundle);
  const next = nextVersion(version, changes);
  const current = versionOf(bundle);
  const kept = isKept(version, current, changes);
  if (json) print(JSON.stringify({ released: version, current, next, kept, changes }, undefined, 2));
  else {
    print([...changes.map(shown), `${counted(changes)} since ${file}.`].join("\n"));
    if (next !== version) print(`The next release is ${next}; info.version is ${current}.`);
    if (!kept) print(`Partners got ${version}, and this breaks it: undo the breaking changes, or announce ${next}.`);
  }
  return kept ? 0 : 1;
}

/** Returns the exit code. */
function vendors(adapter: string, since: string, json: boolean): number {
  const changes = vendorChanges(adapter, since);
  if (json) print(JSON.stringify(changes, undefined, 2));
  else print([...changes.map(withPlaces), `${counted(changes)} at ${adapter} since ${since}.`].join("\n"));
  return changes.some(({ unmapped }) => unmapped) ? 1 : 0;
}

function withPlaces(change: VendorChange): string {
  const places = change.mappings.map(({ file, line, operation }) => `          → ${file}:${line} (${operation})`);
  const warning = change.unmapped ? ["          none of these was changed with it"] : [];
  return [shown(change), ...places, ...warning].join("\n");
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function run(args: string[]): number {
  const { values } = parseArgs({
    args,
    options: {
      vendor: { type: "string" },
      since: { type: "string", default: "HEAD" },
      json: { type: "boolean", default: false },
      release: { type: "boolean" },
      help: { type: "boolean" },
    },
  });
  if (values.help === true) print(usage);
  else if (values.release === true) print(`wrote ${release()}`);
  else return values.vendor === undefined ? ours(values.json) : vendors(values.vendor, values.since, values.json);
  return 0;
}

try {
  process.exitCode = run(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n\n${usage}`);
  process.exitCode = 2;
}
