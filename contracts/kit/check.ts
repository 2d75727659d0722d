/**
 * `npm run adapter:check -- <name>…`: the conformance kit for one adapter or several, as a report. With `--json` a line for
 * each, checked side by side. Exit code 1 if a law fails.
 */
import { checkAdapter, NoAdapter } from "./index.ts";
import type { CheckResult } from "./index.ts";

const sign = { passed: "✓", failed: "✗", skipped: "–" } as const;
const checkWidth = 64;

const json = process.argv.includes("--json");
const names = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
if (names.length === 0) {
  print("Which adapter? npm run adapter:check -- <folder of adapters/>");
  process.exit(1);
}
let failed = 0;
if (json) {
  const reports = names.map(async (name) => {
    const report = await checkAdapter(name);
    print(JSON.stringify(report));
    failed += report.failed;
  });
  await Promise.all(reports);
} else for (const name of names) failed += await check(name);
process.exitCode = failed === 0 ? 0 : 1;

async function check(name: string): Promise<number> {
  print(`\n${name}`);
  let law = "";
  try {
    const report = await checkAdapter(name, {
      onResult(result) {
        if (result.law !== law) print(`\n  ${(law = result.law)}`);
        line(result);
      },
    });
    const seconds = (report.durationMs / 1_000).toFixed(1);
    print(`\n${name}: ${report.passed} hold, ${report.failed} do not, ${report.skipped} skipped, ${seconds} s`);
    return report.failed;
  } catch (error) {
    if (!(error instanceof NoAdapter)) throw error;
    print(`  ✗ ${error.message}`);
    return 1;
  }
}

function line({ check: what, result, reason, durationMs }: CheckResult): void {
  const time = result === "skipped" ? "" : `${durationMs} ms`.padStart(9);
  print(
    `  ${sign[result]} ${what.padEnd(checkWidth)}${time}${result === "skipped" ? `  skipped: ${reason}` : ""}`.trimEnd(),
  );
  if (result === "failed") print((reason ?? "").replaceAll(/^/gm, "      "));
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
