import { parseArgs } from "node:util";
import { nthKinds } from "./nth/kinds.ts";
import type { HarnessName } from "./report.ts";
import type { FaultKind } from "./world/weather.ts";

export interface FaultsOptions {
  only: readonly HarnessName[];
  /** In all, shared between the harnesses that run. */
  minutes: number;
  /** Where the random choices start. */
  seed: number;
  seeds: number;
  /** Calls of partners in each seed. */
  steps: number;
  /** One place of the loop only. */
  kind: FaultKind | undefined;
  at: number | undefined;
  stride: number;
  mutations: boolean;
  /** Only these mutations; all when there is none. */
  mutation: readonly string[];
  engine: "sqlite" | "postgres";
  /** Whether what a violation's seed or round did last is shown. */
  verbose: boolean;
}

const harnesses: readonly HarnessName[] = ["nth", "simulation", "blackbox"];
const defaultMinutes = 3;
const defaultSteps = 1_500;
const maxSeed = 2 ** 31;

export const usage = `npm run faults -- [options]
  --only nth|simulation|blackbox   one harness (may be repeated)
  --minutes 3                      time for all of them together
  --seeds 20                       at most so many seeds of the simulation
  --seed 123                       replays one seed of the simulation (with --only blackbox: its choices)
  --steps ${defaultSteps}                     calls of partners in a seed
  --kind dies_after --at 17        replays one place of the nth-fault loop
  --stride 5                       every fifth place of the loop only
  --engine sqlite|postgres         the black box's store
  --mutations                      breaks the gateway's rules one by one: each must be seen
  --mutation "commit after send"   only this one (may be repeated)`;

/** Reads the command line. Throws an Error that says what is wrong. */
export function readOptions(args: readonly string[]): FaultsOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: "string", multiple: true },
      minutes: { type: "string" },
      seed: { type: "string" },
      seeds: { type: "string" },
      steps: { type: "string" },
      kind: { type: "string" },
      at: { type: "string" },
      stride: { type: "string" },
      engine: { type: "string" },
      mutations: { type: "boolean" },
      mutation: { type: "string", multiple: true },
    },
  });
  const replays = values.seed !== undefined;
  const places = values.at !== undefined || values.kind !== undefined;
  const only = values.only ?? (replays ? ["simulation"] : places ? ["nth"] : harnesses);
  return {
    only: only.map((name) => oneOf("--only", name, harnesses)),
    minutes: numberOf("--minutes", values.minutes, defaultMinutes, 0.05),
    seed: numberOf("--seed", values.seed, Math.floor(Math.random() * maxSeed), 0),
    seeds: numberOf("--seeds", values.seeds, replays ? 1 : Infinity, 1),
    steps: numberOf("--steps", values.steps, defaultSteps, 1),
    kind: values.kind === undefined ? undefined : oneOf("--kind", values.kind, nthKinds),
    at: values.at === undefined ? undefined : numberOf("--at", values.at, 1, 1),
    stride: numberOf("--stride", values.stride, 1, 1),
    mutations: values.mutations ?? values.mutation !== undefined,
    mutation: values.mutation ?? [],
    engine: oneOf("--engine", values.engine ?? "sqlite", ["sqlite", "postgres"] as const),
    verbose: replays || places,
  };
}

function numberOf(name: string, text: string | undefined, otherwise: number, least: number): number {
  const value = text === undefined ? otherwise : Number(text);
  if (Number.isNaN(value) || value < least) throw new Error(`${name} must be a number from ${least} on`);
  return value;
}

function oneOf<T extends string>(name: string, text: string, allowed: readonly T[]): T {
  const found = allowed.find((each) => each === text);
  if (found === undefined) throw new Error(`${name} must be one of ${allowed.join(", ")}`);
  return found;
}
