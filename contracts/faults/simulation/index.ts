/** Harness (b): seeds one after another until the time is over; each is a world of its own that can be replayed. */
import { counted } from "../report.ts";
import type { HarnessOptions, HarnessReport, Violation } from "../report.ts";
import type { Mutation } from "../world/road.ts";
import { runSeed } from "./seed.ts";

export interface SimulationOptions extends HarnessOptions {
  /** At most so many seeds, from `seed` on. */
  seeds: number;
  /** Calls of partners in each, before the calm. */
  steps: number;
  /** Shows what a seed did last when it found something. */
  verbose?: boolean;
  mutation?: Mutation;
}

export async function runSimulation(options: SimulationOptions): Promise<HarnessReport> {
  const startedMs = Date.now();
  const violations: Violation[] = [];
  const faults: Record<string, number> = {};
  const seeds: number[] = [];
  let steps = 0;
  for (let seed = options.seed; seeds.length < options.seeds; seed += 1) {
    if (seeds.length > 0 && Date.now() - startedMs > options.budgetMs) break;
    const { mutation } = options;
    const result = await runSeed({ seed, steps: options.steps, ...(mutation === undefined ? {} : { mutation }) });
    seeds.push(seed);
    steps += result.calls;
    for (const [name, count] of Object.entries(result.faults)) faults[name] = (faults[name] ?? 0) + count;
    const replay = `--seed ${seed} --steps ${options.steps}`;
    violations.push(...result.findings.map((found) => ({ ...found, replay })));
    if (options.verbose === true && result.findings.length > 0)
      for (const line of result.latest) options.progress(line);
    const hours = (result.virtualMs / 3_600_000).toFixed(1);
    const verdict = result.findings.length === 0 ? "kept" : `${result.findings.length} VIOLATIONS`;
    options.progress(
      `simulation: seed ${seed} (${result.profile}): ${result.calls} calls, ${result.starts} starts, ` +
        `${hours} h, digest ${result.digest.slice(0, 12)}, ${verdict}`,
    );
  }
  const durationMs = Date.now() - startedMs;
  const rounds = seeds.length;
  return { harness: "simulation", rounds, steps, faults, ...counted(violations), violations, seeds, durationMs };
}
