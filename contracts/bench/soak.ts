/**
 * `npm run soak -- --minutes 20`: the gateway at 70 % of what it can do, with a vendor that fails now and then, and whether anything
 * grows: memory, sockets, handles, latency. `--faults 0.005` is the share of the vendor's answers that fail; `--json`; `--write` keeps
 * soak.json and draws soak.svg. Exit code 1 when something grew. A run of less than 10 minutes shows that the soak works and no
 * more: nonces and caches still fill up in it.
 */
import { parseArgs } from "node:util";
import { keep } from "./keep.ts";
import { numberOf } from "./options.ts";
import { machine } from "./run.ts";
import { soakPicture } from "./soak/picture.ts";
import { soak } from "./soak/run.ts";
import { verdict, verdictTable } from "./soak/verdict.ts";
import { openStage } from "./stage.ts";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "20" },
    faults: { type: "string", default: "0.005" },
    json: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
  },
});
const minutes = numberOf("minutes", values.minutes, { min: 0.1, max: 24 * 60, whole: false });
const faultRate = numberOf("faults", values.faults, { min: 0, max: 1, whole: false });
const say = (line: string): void => void process.stderr.write(`${line}\n`);

say(machine());
const stage = await openStage();
try {
  const soaked = await soak(stage, { minutes, faultRate, say });
  const checks = verdict(soaked.samples);
  const date = new Date().toISOString().slice(0, 10);
  const results = { date, machine: machine(), minutes, faultRate, ...soaked, checks };
  const { capacityPerSecond, ratePerSecond, samples, statuses } = soaked;
  const load = `${ratePerSecond.toFixed(0)} requests/s of ${capacityPerSecond.toFixed(0)}, ${faultRate * 100} % of the vendor's answers fail`;
  const answers = Object.entries(statuses).map(([status, count]) => `${count} × ${status}`);
  process.stdout.write(
    values.json
      ? `${JSON.stringify(results)}\n`
      : `\n${load}\nanswers: ${answers.join(", ")}\n\n${verdictTable(checks)}\n`,
  );
  if (values.write) {
    await keep("soak", results, soakPicture(`${minutes} minutes, ${date}`, samples, [`${load}.`, `${machine()}.`]));
  }
  const broken = checks.filter(({ holds }) => !holds);
  for (const { what, second, last } of broken) say(`${what}: ${second.toFixed(1)} became ${last.toFixed(1)}`);
  if (broken.length > 0) process.exitCode = 1;
} finally {
  await stage.close();
}
