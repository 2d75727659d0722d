/** `npm run faults`: the three harnesses one after another, a table at the end, exit code 1 when anything is off. */
import type { Verdict } from "./mutations.ts";
import { readOptions, usage } from "./options.ts";
import type { FaultsOptions } from "./options.ts";
import type { HarnessReport } from "./report.ts";
import { mutationTable, summary } from "./table.ts";

const minuteMs = 60_000;
/** How the harnesses share the time; what is kept back is the black box's, to come to rest in. */
const shares = { nth: 4, simulation: 3, blackbox: 2 };
const restShare = 0.2;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function main(options: FaultsOptions): Promise<boolean> {
  if (options.mutations) return mutationsSeen(options);
  const reports: HarnessReport[] = [];
  const all = options.only.reduce((sum, name) => sum + shares[name], 0);
  const toShareMs = options.minutes * minuteMs * (options.only.includes("blackbox") ? 1 - restShare : 1);
  for (const name of options.only) {
    const budgetMs = (toShareMs * shares[name]) / all;
    reports.push(await harness(name, options, budgetMs));
  }
  say(summary(reports));
  return reports.every(({ violations }) => violations.length === 0);
}

async function harness(
  name: FaultsOptions["only"][number],
  options: FaultsOptions,
  budgetMs: number,
): Promise<HarnessReport> {
  const { seed, seeds, steps, kind, at, stride, engine, verbose } = options;
  const common = { budgetMs, seed, progress: say };
  // Loaded when needed: a wrong option is answered at once.
  switch (name) {
    case "nth": {
      const { runNth } = await import("./nth/loop.ts");
      const place = { ...(kind === undefined ? {} : { kind }), ...(at === undefined ? {} : { at }) };
      return runNth({ ...common, stride, ...place });
    }
    case "simulation": {
      const { runSimulation } = await import("./simulation/index.ts");
      return runSimulation({ ...common, seeds, steps, verbose });
    }
    case "blackbox": {
      const { runBlackBox } = await import("./blackbox/index.ts");
      return runBlackBox({ minutes: budgetMs / minuteMs, seed, engine, onProgress: say });
    }
  }
}

async function mutationsSeen({ seed, steps, mutation: names }: FaultsOptions): Promise<boolean> {
  const { mutations, tryMutation } = await import("./mutations.ts");
  const verdicts: Verdict[] = [];
  for (const mutation of mutations) {
    if (names.length > 0 && !names.includes(mutation.name)) continue;
    const verdict = await tryMutation(mutation, seed, steps);
    say(`${verdict.name}: ${verdict.caught?.example ?? "SURVIVED"}`);
    verdicts.push(verdict);
  }
  say(mutationTable(verdicts));
  return verdicts.length > 0 && verdicts.every(({ caught }) => caught !== undefined);
}

let options: FaultsOptions | undefined;
try {
  options = readOptions(process.argv.slice(2));
} catch (error) {
  say(`${(error as Error).message}\n${usage}`);
  process.exitCode = 2;
}
if (options !== undefined) process.exitCode = (await main(options)) ? 0 : 1;
