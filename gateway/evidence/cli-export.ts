/** `npm run audit:export -- <request id>`: one call as evidence, a JSON document on standard output. */
import { parseArgs } from "node:util";
import { ConfigError } from "../config/index.ts";
import { exportEvidence, NothingToExport } from "./export.ts";
import { readSource } from "./source.ts";

const usage = `Usage: npm run -s audit:export -- REQUEST_ID [options]

  --partner ID       whose request, when several used the same id ("unsigned" for none's)
  --sandbox [DIR]    from the sandbox in DIR (default: QIAO_SANDBOX_DIR, else .sandbox),
                     not from the store of the configuration that QIAO_CONFIG names

Exit code: 0 printed · 1 no such evidence · 2 not read`;

const exit = { printed: 0, nothing: 1, notRead: 2 } as const;

class UsageError extends Error {}

async function run(args: readonly string[]): Promise<number> {
  const { rest, open } = readSource(args, process.env);
  const { positionals, values } = readOptions(rest);
  if (values.help === true) {
    process.stdout.write(`${usage}\n`);
    return exit.printed;
  }
  const [requestId] = positionals;
  if (requestId === undefined || positionals.length > 1) throw new UsageError("one REQUEST_ID is expected");
  const source = await open();
  try {
    const { partner } = values;
    const document = await exportEvidence({ source, requestId, partner, now: new Date() });
    process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
    return exit.printed;
  } finally {
    await source.store.close();
  }
}

function readOptions(args: string[]) {
  const options = {
    partner: { type: "string" },
    help: { type: "boolean" },
  } as const;
  try {
    return parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function explain(error: unknown): number {
  if (error instanceof NothingToExport) {
    process.stderr.write(`${error.message}\n`);
    return exit.nothing;
  }
  const known = error instanceof ConfigError || (error instanceof Error && error.name === "StoreError");
  if (error instanceof UsageError) process.stderr.write(`${error.message}\n\n${usage}\n`);
  else if (known) process.stderr.write(`${error.message}\n`);
  else throw error;
  return exit.notRead;
}

process.exitCode = await run(process.argv.slice(2)).catch(explain);
