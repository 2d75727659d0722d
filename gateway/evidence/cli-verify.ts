/** `npm run audit:verify`: proves that nothing of the evidence was altered, while the gateway runs or not. */
import { ConfigError } from "../config/index.ts";
import { allIntact, chainLines, summaryLine } from "./report.ts";
import { readSource } from "./source.ts";
import { verifyChains } from "./verify.ts";
import type { ChainReport } from "./verify.ts";

const usage = `Usage: npm run audit:verify [-- --sandbox [DIR]]

  Reads the store of the configuration that QIAO_CONFIG names; with --sandbox, that of the
  sandbox in DIR (default: QIAO_SANDBOX_DIR, else .sandbox).

Exit code: 0 intact · 1 not intact · 2 not read`;

const exit = { intact: 0, notIntact: 1, notRead: 2 } as const;

async function run(args: readonly string[]): Promise<number> {
  const { rest, open } = readSource(args, process.env);
  if (rest.length > 0) {
    process.stderr.write(`${usage}\n`);
    return rest.includes("--help") ? exit.intact : exit.notRead;
  }
  const source = await open();
  try {
    const reports: ChainReport[] = [];
    const chains = verifyChains({ store: source.store, keys: source.gatewayKeys, onProgress: progress });
    for await (const report of chains) {
      endProgress();
      reports.push(report);
      process.stdout.write(`${chainLines(report).join("\n")}\n`);
    }
    process.stdout.write(`${summaryLine(reports)}\n`);
    return allIntact(reports) ? exit.intact : exit.notIntact;
  } finally {
    await source.store.close();
  }
}

/** On a terminal one line that is overwritten; elsewhere a line for each so many entries. */
const entriesPerLine = 100_000;

function progress(chain: string, entries: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${chain}: ${entries} entries read`);
  else if (entries > 0 && entries % entriesPerLine === 0) {
    process.stderr.write(`${chain}: ${entries} entries read\n`);
  }
}

function endProgress(): void {
  if (process.stderr.isTTY) process.stderr.write("\r\u001b[K");
}

function explain(error: unknown): number {
  const known = error instanceof ConfigError || (error instanceof Error && error.name === "StoreError");
  const text = error instanceof Error ? (known ? error.message : (error.stack ?? error.message)) : String(error);
  process.stderr.write(`${text}\n`);
  return exit.notRead;
}

process.exitCode = await run(process.argv.slice(2)).catch(explain);
