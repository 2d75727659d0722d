/**
 * `npm run bench:growth`: what one request costs as contract, adapters, partners, store, bodies, connections and backlog grow, and what
 * one bad vendor does to the others. `--only <axis>` (again for several), `--rounds N`, `--seconds N` a round, `--scale N` stored
 * operations (`--full`: 1,000,000), `--json`, `--write` keeps growth.json and draws growth.svg. Exit code 1 when a line is not as
 * it should be.
 */
import { parseArgs } from "node:util";
import { axes, grow, isAxis } from "./growth/axes.ts";
import type { AxisName } from "./growth/axes.ts";
import { growthPicture, growthTable } from "./growth/report.ts";
import { keep } from "./keep.ts";
import { numberOf } from "./options.ts";
import { machine } from "./run.ts";

const fullScale = 1_000_000;

const { values } = parseArgs({
  options: {
    only: { type: "string", multiple: true, default: Object.keys(axes) },
    rounds: { type: "string", default: "3" },
    seconds: { type: "string", default: "1.5" },
    scale: { type: "string", default: "200000" },
    full: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
  },
});

const names = values.only.filter(isAxis);
if (names.length < values.only.length) {
  process.stderr.write(`--only must be one of ${Object.keys(axes).join(", ")}\n`);
  process.exit(2);
}
const rounds = numberOf("rounds", values.rounds, { min: 1, max: 100 });
const seconds = numberOf("seconds", values.seconds, { min: 0.2, max: 60, whole: false });
const stored = values.full ? fullScale : numberOf("scale", values.scale, { min: 1_000, max: 10_000_000 });
const say = (line: string): void => void process.stderr.write(`${line}\n`);

say(machine());
const figures = await grow(names, { rounds, seconds, stored }, say);
const results = {
  date: new Date().toISOString().slice(0, 10),
  machine: machine(),
  rounds,
  seconds,
  stored,
  axes: figures,
};
process.stdout.write(values.json ? `${JSON.stringify(results)}\n` : `\n${growthTable(results)}\n`);
if (values.write) await keep("growth", results, growthPicture(results));
const broken = (Object.keys(figures) as AxisName[]).filter((name) => figures[name]?.holds !== true);
for (const name of broken) say(`${name}: not as it should be: ${figures[name]?.finding}`);
if (broken.length > 0) process.exitCode = 1;
