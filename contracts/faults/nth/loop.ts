/** Harness (a): the payment story with a fault at its n-th outside effect, for n = 1, 2, … and every kind of fault. */
import { judge } from "../invariants/index.ts";
import type { Finding } from "../invariants/index.ts";
import { counted } from "../report.ts";
import type { HarnessOptions, HarnessReport, Violation } from "../report.ts";
import { chance } from "../world/chance.ts";
import { reliable } from "../world/courier.ts";
import type { Mutation } from "../world/road.ts";
import { openUniverse } from "../world/universe.ts";
import { nthFault } from "../world/weather.ts";
import type { FaultKind } from "../world/weather.ts";
import { nthKinds } from "./kinds.ts";
import { paidMemo, paymentStory } from "./scenario.ts";

const customerPaysAfterMs = 3_000;
const bankTakesMs = 4_000;
/** The story and its quiet, in virtual time. */
const maxStoryMs = 3_600_000;
const quietEveryMs = 2_000;
const progressEveryMs = 2_000;

export interface NthOptions extends HarnessOptions {
  /** One place only, to see a violation again. */
  at?: number;
  kind?: FaultKind;
  /** Every so many-th place, for a short run. */
  stride?: number;
  mutation?: Mutation;
  /** Ends at the first violation. */
  untilFirst?: boolean;
}

interface Round {
  findings: Finding[];
  calls: number;
  faults: Record<string, number>;
  /** What was struck; undefined when the story has fewer effects. */
  struck: string | undefined;
  latest: string[];
}

/** Runs the loop until no fault fires any more, or the time is over. */
export async function runNth(options: NthOptions): Promise<HarnessReport> {
  const startedMs = Date.now();
  const violations: Violation[] = [];
  const faults: Record<string, number> = {};
  let rounds = 0;
  let steps = 0;
  let toldMs = startedMs;
  const kinds = options.kind === undefined ? nthKinds : [options.kind];
  for (const kind of kinds) {
    for (let n = options.at ?? 1; ; n += options.stride ?? 1) {
      if (Date.now() - startedMs > options.budgetMs) {
        options.progress(`nth: the time is over: ${kind} was placed up to effect ${n - 1} only`);
        break;
      }
      const round = await storyWithFault(n, kind, options.mutation ?? {});
      if (round.struck === undefined && options.at === undefined && rounds > 0) break;
      rounds += 1;
      steps += round.calls;
      for (const [name, count] of Object.entries(round.faults)) faults[name] = (faults[name] ?? 0) + count;
      const replay = `--only nth --kind ${kind} --at ${n}`;
      violations.push(
        ...round.findings.map((found) => ({ ...found, what: `${found.what} [${round.struck}]`, replay })),
      );
      if (options.at !== undefined && round.findings.length > 0)
        for (const line of round.latest) options.progress(line);
      if (Date.now() - toldMs > progressEveryMs) {
        toldMs = Date.now();
        options.progress(`nth: ${kind} at effect ${n}, ${rounds} rounds, ${violations.length} violations`);
      }
      if (options.at !== undefined || (options.untilFirst === true && violations.length > 0)) break;
    }
    if (options.untilFirst === true && violations.length > 0) break;
  }
  const durationMs = Date.now() - startedMs;
  return { harness: "nth", rounds, steps, faults, ...counted(violations), violations, seeds: [], durationMs };
}

async function storyWithFault(n: number, kind: FaultKind, mutation: Mutation): Promise<Round> {
  const weather = nthFault(n, kind);
  const universe = await openUniverse({
    chance: chance(1),
    weather,
    instances: 1,
    vendors: ["north"],
    // A vendor that makes another order of a number that it knows: nothing but the gateway prevents the second effect.
    idempotent: false,
    courier: reliable,
    customer: ({ memo }) => (memo.startsWith(paidMemo) ? { paysAfterMs: customerPaysAfterMs } : undefined),
    bank: () => ({ atOnce: false, afterMs: bankTakesMs, fails: false }),
    mutation,
  });
  try {
    const findings: Finding[] = [];
    const { time } = universe;
    const untilMs = time.nowMs + maxStoryMs;
    let over = false;
    paymentStory(universe).then(
      () => (over = true),
      (error: unknown) => {
        over = true;
        findings.push({ invariant: "liveness", what: (error as Error).message });
      },
    );
    if (!(await time.run(() => over, untilMs))) findings.push({ invariant: "liveness", what: "the story has no end" });
    while (time.nowMs < untilMs && !(await universe.quiet())) {
      const nextMs = time.nowMs + quietEveryMs;
      time.after(quietEveryMs, undefined, () => {});
      await time.run(() => time.nowMs >= nextMs, nextMs);
    }
    weather.clear();
    findings.push(...judge(await universe.observe()));
    const struck = weather.struck();
    return {
      findings,
      calls: universe.calls.length,
      faults: universe.chronicle.faults,
      struck: struck === undefined ? undefined : `${struck.port} ${struck.what}`,
      latest: universe.chronicle.latest,
    };
  } finally {
    universe.close();
  }
}
