/**
 * `npm run bench:overload`: what becomes of goodput, latency and memory at one, two and three times the load that can be done, how soon
 * it recovers, and what a flood by one partner does to the others. `--seconds N` a step, `--write` draws overload.svg, `--json`.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { cores, startChild } from "./child.ts";
import type { Child } from "./child.ts";
import type { Usage } from "./builds/main.ts";
import type { RoundFigures } from "./load/main.ts";
import { keep } from "./keep.ts";
import { numberOf } from "./options.ts";
import { overloadPicture } from "./picture/overload.ts";
import { machine, saturatingConnections } from "./run.ts";
import { openStage } from "./stage.ts";
import type { Stage, StartedBuild } from "./stage.ts";

/** One step: arrivals by the clock, whatever comes back. */
export interface Step {
  /** Of the capacity that closed connections measured. */
  times: number;
  offeredPerSecond: number;
  goodPerSecond: number;
  /** Refused with 503 a second. */
  shedPerSecond: number;
  /** Of the successes. */
  p50Ms: number;
  p99Ms: number;
  rssMiB: number;
  /** Neither a success nor a 503. */
  other: number;
}

export interface Overload {
  date: string;
  machine: string;
  capacityPerSecond: number;
  steps: Step[];
  /** Goodput at three times the load, of the best step. */
  goodputAtThree: number;
  /** From the end of the overload to a second at half load without a refusal; seconds. */
  recoveredAfterSeconds: number;
  /** Successes of a modest partner's calls while another floods: share, and p99. */
  modest: { share: number; p99Ms: number };
  flood: { share: number };
}

const workload = "read";
/** Many callers, so that what is not answered yet does not hold back what arrives. */
const arrivingConnections = 600;
const multiples = [0.5, 1, 1.5, 2, 3];
const maxRecoverySeconds = 20;
const modestPerSecond = 50;

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "6" },
    write: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
});
const seconds = numberOf("seconds", values.seconds, { min: 1, max: 60 });
const say = (line: string): void => void process.stderr.write(`${line}\n`);
const sharesOf = ({ statuses, seconds: took }: RoundFigures) => ({ shed: (statuses["503"] ?? 0) / took });

async function step(stage: Stage, on: StartedBuild, capacity: number, times: number): Promise<Step> {
  const ratePerSecond = capacity * times;
  const round = { workload, connections: arrivingConnections, seconds, ratePerSecond } as const;
  const figures = await stage.measure(on, round);
  const { perSecond, p50Ms, p99Ms, failed, usage } = figures;
  const { shed } = sharesOf(figures);
  const other = failed - (figures.statuses["503"] ?? 0);
  const made: Step = {
    times,
    offeredPerSecond: ratePerSecond,
    goodPerSecond: perSecond,
    shedPerSecond: shed,
    p50Ms,
    p99Ms,
    rssMiB: usage.rssBytes / 1_024 ** 2,
    other,
  };
  say(
    `${times}×: offered ${ratePerSecond.toFixed(0)}/s, good ${perSecond.toFixed(0)}/s, shed ${shed.toFixed(0)}/s, p99 ${p99Ms.toFixed(0)} ms, RSS ${made.rssMiB.toFixed(0)} MiB`,
  );
  return made;
}

async function recovery(stage: Stage, on: StartedBuild, capacity: number): Promise<number> {
  const startedMs = performance.now();
  const round = { workload, connections: saturatingConnections, seconds: 1, ratePerSecond: capacity / 2 } as const;
  for (let at = 0; at < maxRecoverySeconds; at += 1) {
    const beganMs = performance.now();
    const { failed } = await stage.load(on, round);
    if (failed === 0) return (beganMs - startedMs) / 1_000;
  }
  return Infinity;
}

/** One partner at three times the capacity, another at a few calls a second, at the same time. */
async function fairness(stage: Stage, on: StartedBuild, capacity: number, other: Child) {
  const [greedy, modest] = stage.partners;
  if (greedy === undefined || modest === undefined) throw new Error("the stage has no partners");
  const { port, publicOrigin } = on;
  const common = { workload, port, publicOrigin, seconds, maxRequests: 0 } as const;
  const [flood, calm] = await Promise.all([
    stage.load(on, { ...common, partners: [greedy], connections: arrivingConnections, ratePerSecond: capacity * 3 }),
    other.ask<RoundFigures>({ ...common, partners: [modest], connections: 16, ratePerSecond: modestPerSecond }),
  ]);
  const share = ({ succeeded, failed }: RoundFigures): number => succeeded / (succeeded + failed);
  say(
    `one floods: ${(share(flood) * 100).toFixed(0)} % of its calls succeed; of another's ${(share(calm) * 100).toFixed(0)} %`,
  );
  return { modest: { share: share(calm), p99Ms: calm.p99Ms }, flood: { share: share(flood) } };
}

const stage = await openStage();
const other = startChild("./load/main.ts", { core: cores.around, log: join(stage.dir, "other.log") });
try {
  const on = await stage.start("qiao");
  const saturated = { workload, connections: saturatingConnections, seconds } as const;
  await stage.load(on, saturated);
  const { perSecond: capacity } = await stage.load(on, saturated);
  say(`capacity: ${capacity.toFixed(0)}/s`);
  const steps: Step[] = [];
  for (const times of multiples) steps.push(await step(stage, on, capacity, times));
  const recoveredAfterSeconds = await recovery(stage, on, capacity);
  const best = Math.max(...steps.map(({ goodPerSecond }) => goodPerSecond));
  const results: Overload = {
    date: new Date().toISOString().slice(0, 10),
    machine: machine(),
    capacityPerSecond: capacity,
    steps,
    goodputAtThree: (steps.at(-1)?.goodPerSecond ?? NaN) / best,
    recoveredAfterSeconds,
    ...(await fairness(stage, on, capacity, other)),
  };
  const usage = await on.say<Usage>({ kind: "usage" });
  say(`at the end: RSS ${(usage.rssBytes / 1_024 ** 2).toFixed(0)} MiB`);
  if (values.json) process.stdout.write(`${JSON.stringify(results)}\n`);
  else {
    process.stdout.write(
      `\ngoodput at 3×: ${results.goodputAtThree.toFixed(2)} of the best; recovered after ${recoveredAfterSeconds.toFixed(1)} s\n`,
    );
  }
  if (values.write) {
    await keep("overload", results, overloadPicture(results));
  }
} finally {
  await other.stop();
  await stage.close();
}
