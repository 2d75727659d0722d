/**
 * Faults of the gateway itself, put in through its ports: each breaks one rule of "once", and each must be seen. A mutation
 * that no harness sees means that the harnesses are too weak.
 */
import { createHash } from "node:crypto";
import { Fault } from "#capability";
import type { LoadedAdapter, Outbound } from "#outbound";
import type { InvariantName, Violation } from "./report.ts";
import { runNth } from "./nth/loop.ts";
import { runSeed } from "./simulation/seed.ts";
import { commitAfterSend, eventsOutside, lookUpThenInsert, staleWritesWin } from "./broken-stores.ts";
import { heard } from "./world/adapter.ts";
import type { Mutation } from "./world/road.ts";

export interface NamedMutation {
  name: string;
  /** The rule that it breaks. */
  what: string;
  mutation: Mutation;
}

type Manifest = LoadedAdapter["manifest"];
type AnyHandler = (call: { reference: string }, vendor: unknown) => unknown;

/** The creating handlers of the manifest, with their call changed. */
function withCreates(manifest: Manifest, change: (call: { reference: string }) => { reference: string }): Manifest {
  const capabilities = Object.entries(manifest.capabilities as Record<string, Record<string, AnyHandler>>);
  const changed = capabilities.map(([name, { create, ...verbs }]) => [
    name,
    { ...verbs, create: (call: { reference: string }, vendor: unknown) => create?.(change(call), vendor) },
  ]);
  return { ...manifest, capabilities: Object.fromEntries(changed) as Manifest["capabilities"] };
}

/** Every vendor call, with what is done about a fault of it. */
function withFaults(
  outbound: Outbound,
  about: (fault: Fault, again: () => Promise<unknown>) => Promise<unknown>,
): Outbound {
  return {
    ...outbound,
    client(context) {
      const client = outbound.client(context);
      return {
        ...client,
        call: (operation, input) => {
          const once = () => client.call(operation, input);
          return once().catch((error: unknown) => {
            if (!(error instanceof Fault) || error.outcome !== "unknown") throw error;
            return about(error, once) as ReturnType<typeof once>;
          });
        },
      };
    },
  };
}

let attempts = 0;

/** The rules that must not be broken, broken one by one. */
export const mutations: readonly NamedMutation[] = [
  {
    name: "random vendor key",
    what: "the vendor gets another number with each attempt",
    mutation: {
      adapter: (manifest) =>
        withCreates(manifest, (call) => {
          attempts += 1;
          const reference = createHash("sha256").update(`attempt ${attempts}`).digest("hex").slice(0, 32);
          return { ...call, reference };
        }),
    },
  },
  { name: "commit after send", what: "the intent is not durable before sending", mutation: { store: commitAfterSend } },
  { name: "look up, then insert", what: "no unique claim decides", mutation: { store: lookUpThenInsert } },
  {
    name: "unverified callback trusted",
    what: "a callback's signature is not looked at",
    mutation: {
      adapter: (manifest) => ({
        ...manifest,
        ...(manifest.callbacks && { callbacks: { ...manifest.callbacks, verify: ({ body }) => heard(body) } }),
      }),
    },
  },
  {
    name: "unknown said as rejected",
    what: "a lost answer becomes a definite no",
    mutation: {
      outbound: (outbound) =>
        withFaults(outbound, () => Promise.reject(new Fault("vendor_rejected", { outcome: "rejected" }))),
    },
  },
  {
    name: "unknown taken for not sent",
    what: "a lost answer gives the key back, or goes to the next vendor",
    mutation: {
      outbound: (outbound) =>
        withFaults(outbound, () => Promise.reject(new Fault("vendor_unavailable", { outcome: "not_sent" }))),
    },
  },
  {
    name: "unknown repeated",
    what: "an effect is sent again after a lost answer",
    mutation: { outbound: (outbound) => withFaults(outbound, (_, again) => again()) },
  },
  { name: "events outside the commit", what: "state and event are two commits", mutation: { store: eventsOutside } },
  { name: "stale writes win", what: "no version decides between movements", mutation: { store: staleWritesWin } },
];

export interface Verdict {
  name: string;
  what: string;
  /** Undefined: it survived. */
  caught: { harness: "nth" | "simulation"; invariants: InvariantName[]; replay: string; example: string } | undefined;
  durationMs: number;
}

const seedsTried = 12;
/** Calls in each seed: enough to meet twins, lost answers and deaths. */
const maxStepsEach = 600;
const nthBudgetMs = 60_000;

/** Runs a mutation until a harness sees it: random seeds first, then the loop. */
export async function tryMutation(
  { name, what, mutation }: NamedMutation,
  firstSeed: number,
  steps: number,
): Promise<Verdict> {
  const startedMs = Date.now();
  const verdict = (caught: Verdict["caught"]): Verdict => ({ name, what, caught, durationMs: Date.now() - startedMs });
  const red = (harness: "nth" | "simulation", found: Pick<Violation, "invariant" | "what">[], replay: string) => {
    const invariants = [...new Set(found.map(({ invariant }) => invariant))].toSorted();
    return verdict({ harness, invariants, replay, example: found[0]?.what ?? "" });
  };
  for (let seed = firstSeed; seed < firstSeed + seedsTried; seed += 1) {
    const { findings } = await runSeed({ seed, steps: Math.min(steps, maxStepsEach), mutation, untilFirst: true });
    if (findings.length > 0) return red("simulation", findings, `--mutation "${name}" --seed ${seed}`);
  }
  const options = { budgetMs: nthBudgetMs, seed: firstSeed, progress() {}, mutation, untilFirst: true };
  const { violations } = await runNth(options);
  const [first] = violations;
  return first === undefined ? verdict(undefined) : red("nth", violations, first.replay);
}
