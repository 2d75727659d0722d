/**
 * `npm run bench`: floor, Qiao and naive over one exchange. `--rounds N`, `--seconds N`; `--json` prints the figures only; `--write` keeps
 * them in results.json and draws results.svg; `--profile` shows where Qiao's main thread spends its time; `--check` exits 1 when a
 * ratio is far below the target.
 */
import { parseArgs } from "node:util";
import { workloads } from "./exchange.ts";
import { table } from "./figures.ts";
import type { Results } from "./figures.ts";
import { keep } from "./keep.ts";
import { numberOf } from "./options.ts";
import { barsOf } from "./picture/results.ts";
import { selfTimes } from "./profile.ts";
import type { Profile } from "./profile.ts";
import { machine, run, saturatingConnections } from "./run.ts";
import { openStage } from "./stage.ts";
import type { Stage } from "./stage.ts";

/** Far below what stands in the README: a regression, not noise. */
const leastRatio = { read: 0.4, effect: 0.2 } as const;
/** Enough for a bound that is far below the target. */
const checkedWarmUpSeconds = 8;
const profileSeconds = 5;
const shownStages = 30;
const shownFunctions = 25;

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "4" },
    json: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
    check: { type: "boolean", default: false },
    profile: { type: "boolean", default: false },
  },
});

const count = (name: "rounds" | "seconds"): number => numberOf(name, values[name], { min: 1, max: 100 });

async function profile(stage: Stage): Promise<void> {
  const on = await stage.start("qiao");
  for (const workload of workloads) {
    const round = { workload, connections: saturatingConnections, seconds: profileSeconds };
    await stage.load(on, round);
    await on.say({ kind: "profile" });
    const { perSecond } = await stage.load(on, round);
    const { stages, functions } = selfTimes(await on.say<Profile>({ kind: "profiled" }));
    const lines = (of: typeof stages, shown: number) =>
      of.slice(0, shown).map(({ name, share }) => `${(share * 100).toFixed(1).padStart(6)} %  ${name}`);
    process.stdout.write(
      [
        `\n${workload}: main thread, ${perSecond.toFixed(0)} requests/s under the profiler\n`,
        "by stage (packages and Node count for the nearest caller of ours)",
        ...lines(stages, shownStages),
        "\nby function, self time",
        ...lines(functions, shownFunctions),
        "",
      ].join("\n"),
    );
  }
}

function tooSlow({ read, effect }: Results): string[] {
  const ratios = { read: read.ratio, effect: effect.ratio };
  return workloads
    .filter((workload) => !(ratios[workload] >= leastRatio[workload]))
    .map(
      (workload) =>
        `${workload}: ${ratios[workload].toFixed(2)} of the floor, at least ${leastRatio[workload]} is expected`,
    );
}

const stage = await openStage();
try {
  if (values.profile) await profile(stage);
  else {
    const say = (line: string): void => void process.stderr.write(`${line}\n`);
    if (!values.json) say(machine());
    const results = await run(stage, {
      rounds: count("rounds"),
      seconds: count("seconds"),
      // The naive build says nothing of a regression of ours.
      ...(values.check ? { builds: ["floor", "qiao"], warmUpSeconds: checkedWarmUpSeconds } : {}),
      say,
    });
    process.stdout.write(values.json ? `${JSON.stringify(results)}\n` : `\n${table(results)}\n`);
    if (values.write) await keep("results", results, barsOf(results));
    const slow = values.check ? tooSlow(results) : [];
    for (const line of slow) say(line);
    if (slow.length > 0) process.exitCode = 1;
  }
} finally {
  await stage.close();
}
