/**
 * The black box alone: `node contracts/faults/blackbox/run.ts [--minutes 1] [--seed 7] [--engine sqlite|postgres]
 * [--processes 1|2] [--history file]`. Exit code 1 when a promise was broken.
 */
import { parseArgs } from "node:util";
import type { HarnessReport } from "../report.ts";
import { runBlackBox } from "./index.ts";
import type { BlackBoxOptions } from "./index.ts";
import { progressWriter } from "./progress.ts";

const maxViolationsShown = 40;

const { values } = parseArgs({
  options: {
    minutes: { type: "string" },
    seed: { type: "string" },
    engine: { type: "string" },
    processes: { type: "string" },
    history: { type: "string" },
  },
});

function optionsOf(): BlackBoxOptions {
  const { minutes, seed, engine, processes, history } = values;
  const options: BlackBoxOptions = {};
  if (minutes !== undefined) options.minutes = numberOf("minutes", minutes);
  if (seed !== undefined) options.seed = numberOf("seed", seed);
  if (history !== undefined) options.historyFile = history;
  if (engine === "sqlite" || engine === "postgres") options.engine = engine;
  else if (engine !== undefined) throw new TypeError("--engine is sqlite or postgres");
  if (processes === "1" || processes === "2") options.processes = processes === "1" ? 1 : 2;
  else if (processes !== undefined) throw new TypeError("--processes is 1 or 2");
  return options;
}

function numberOf(name: string, text: string): number {
  if (!/^\d+(\.\d+)?$/.test(text)) throw new TypeError(`--${name} is a number`);
  return Number(text);
}

function told({ violations, faults, seeds, durationMs, ...figures }: HarnessReport): string {
  const rows = [
    ["seed", seeds.join(" ")],
    ["seconds", Math.round(durationMs / 1_000)],
    ...Object.entries(figures),
    ["violations", violations.length],
    ...Object.entries(faults).map(([kind, count]) => [`  ${kind}`, count]),
  ];
  const table = rows.map(([name, value]) => `${String(name).padEnd(40)}${value}`);
  const broken = violations.slice(0, maxViolationsShown).map(({ invariant, what }) => `${invariant}: ${what}`);
  const again = violations[0] === undefined ? [] : [`again: ${violations[0].replay}`];
  return `${[...table, ...broken, ...again].join("\n")}\n`;
}

const progress = progressWriter();
const report = await runBlackBox({ ...optionsOf(), onProgress: progress.write });
progress.end();
process.stdout.write(told(report));
process.exitCode = report.violations.length === 0 ? 0 : 1;
