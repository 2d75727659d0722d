/** The whole measurement: builds side by side, rounds interleaved so that whatever else the machine does meets all of them. */
import { cpus } from "node:os";
import { canPin } from "./child.ts";
import { builds, workloads } from "./exchange.ts";
import type { Build, Workload } from "./exchange.ts";
import { compared, figuresOf, median } from "./figures.ts";
import type { Results, WorkloadFigures } from "./figures.ts";
import type { Measured, Stage, StartedBuild } from "./stage.ts";

/** Connections that keep a build busy all the time, and those over which arrivals by the clock are spread. */
export const saturatingConnections = 32;
const halfLoadConnections = 64;
/** A gateway runs for days: code that is still being compiled says nothing of it. After 10 s a tenth of an effect still is. */
const warmUpSeconds = 20;

export interface RunOptions {
  rounds: number;
  seconds: number;
  builds?: readonly Build[];
  warmUpSeconds?: number;
  /** Told of each step. */
  say(line: string): void;
}

export async function run(stage: Stage, { rounds, seconds, say, ...options }: RunOptions): Promise<Results> {
  const started: StartedBuild[] = [];
  for (const build of options.builds ?? builds) {
    started.push(await stage.start(build));
    say(`${build}: started, and believed by a partner's client`);
  }
  const figures = {} as Record<Workload, WorkloadFigures>;
  for (const workload of workloads)
    figures[workload] = await compare(stage, workload, started, { rounds, seconds, say, ...options });
  return { date: new Date().toISOString().slice(0, 10), machine: machine(), rounds, seconds, ...figures };
}

async function compare(
  stage: Stage,
  workload: Workload,
  started: readonly StartedBuild[],
  { rounds, seconds, say, warmUpSeconds: warm = warmUpSeconds }: Omit<RunOptions, "builds">,
): Promise<WorkloadFigures> {
  for (const on of started) {
    await stage.load(on, { workload, connections: saturatingConnections, seconds: warm });
  }
  const interleaved = async (what: string, round: Parameters<Stage["measure"]>[1]): Promise<Map<Build, Measured[]>> => {
    const results = new Map<Build, Measured[]>(started.map(({ build }) => [build, []]));
    for (let at = 0; at < rounds; at += 1) {
      // Another one is first each time.
      const order = started.map((_, index) => started[(index + at) % started.length] as StartedBuild);
      const told: string[] = [];
      for (const on of order) {
        const measured = await stage.measure(on, round);
        results.get(on.build)?.push(measured);
        told.push(`${on.build} ${measured.perSecond.toFixed(0)}/s p99 ${measured.p99Ms.toFixed(1)} ms`);
      }
      say(`${workload}, ${what}, round ${at + 1} of ${rounds}: ${told.join(", ")}`);
    }
    return results;
  };
  const saturated = await interleaved("saturated", { workload, connections: saturatingConnections, seconds });
  const halfLoad = median((saturated.get("qiao") ?? []).map(({ perSecond }) => perSecond)) / 2;
  const halfLoaded = await interleaved("half load", {
    workload,
    connections: halfLoadConnections,
    seconds,
    ratePerSecond: halfLoad,
  });
  const of = (build: Build) => figuresOf(saturated.get(build) ?? [], halfLoaded.get(build) ?? []);
  return compared(Object.fromEntries(started.map(({ build }) => [build, of(build)])), halfLoad);
}

/** What it ran on, in a line. */
export function machine(): string {
  const [first] = cpus();
  const pinned = canPin ? "the build pinned to one core, load and vendor to another" : "nothing pinned";
  return `${cpus().length} × ${first?.model.trim() ?? "unknown"}, Node ${process.versions.node}, ${process.platform}; ${pinned}`;
}
