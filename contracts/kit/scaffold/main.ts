/** `npm run adapter:new -- <name> --capability <capability>[,…] [--from <vendor's OpenAPI>] [--adapters <dir>]`. */
import { parseArgs } from "node:util";
import { projectAdapters } from "../fixtures/fixture.ts";
import { ScaffoldError } from "./failure.ts";
import { newAdapter } from "./new-adapter.ts";

try {
  const { values, positionals } = read();
  const [name, ...more] = positionals;
  if (more.length > 0) throw new ScaffoldError(`one name only: ${positionals.join(" ")}`);
  const { capability, from, adapters = projectAdapters } = values;
  const made = await newAdapter({ adaptersDir: adapters, name, capability, ...(from === undefined ? {} : { from }) });
  const { plan, folder, files } = made;
  const lines = [
    `${folder}: ${files.length} files, ${plan.endpoints.length} vendor operations, ${plan.codes.length} error codes, authentication: ${plan.auth.kind}`,
    ...plan.leftOut.map((each) => `  left out: ${each}`),
    ...(plan.auth.kind === "other" ? [`  to be written: the signing, in protocol.ts. ${plan.auth.said}`] : []),
    "Next:",
    `  npx vitest run adapters/${plan.name}       the first call, through the whole road, is green`,
    `  npm run adapter:dev -- ${plan.name}        look at every byte while you map`,
    `  npm run adapter:check -- ${plan.name}      the laws`,
    "  npm run matrix && npm run check   the table in adapters/README.md, types, lint, dead code",
    "  adapters/README.md                what to do, step by step",
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof ScaffoldError ? error.message : ((error as Error).stack ?? "unknown")}\n`);
  process.exitCode = 1;
}

function read() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: { capability: { type: "string" }, from: { type: "string" }, adapters: { type: "string" } },
    });
  } catch (error) {
    throw new ScaffoldError((error as Error).message, { cause: error });
  }
}
