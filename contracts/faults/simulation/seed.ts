/** One seed: a world drawn, thousands of random steps with faults, then calm, and everything must come to its end. */
import { judge, judgeSoFar } from "../invariants/index.ts";
import type { Finding } from "../invariants/index.ts";
import { chance as chanceOf } from "../world/chance.ts";
import type { Mutation } from "../world/road.ts";
import { settled } from "../world/observe.ts";
import { openUniverse } from "../world/universe.ts";
import { stormy } from "../world/weather.ts";
import { act, comeBack, memory } from "./actor.ts";
import { inWords, profileOf } from "./profile.ts";

export interface SeedResult {
  seed: number;
  findings: Finding[];
  calls: number;
  faults: Record<string, number>;
  /** SHA-256 over everything that happened: the same for the same seed. */
  digest: string;
  latest: string[];
  profile: string;
  virtualMs: number;
  starts: number;
  alarms: Record<string, number>;
}

export interface SeedOptions {
  seed: number;
  steps: number;
  mutation?: Mutation;
  /** Ends the seed at the first thing wrong. */
  untilFirst?: boolean;
}

const actorsEach = 3;
const customerSlowestMs = 240_000;
const bankSlowestMs = 90_000;
const judgeEverySteps = 250;
const maxVirtualMs = 24 * 3_600_000;
const maxQuietMs = 4 * 3_600_000;
const quietEveryMs = 5_000;

export async function runSeed({ seed, steps, mutation, untilFirst = false }: SeedOptions): Promise<SeedResult> {
  const chance = chanceOf(seed);
  const profile = profileOf(chance.fork("profile"));
  const weather = stormy(chance.fork("weather"), profile.rates);
  const people = chance.fork("people");
  const link = chance.fork("link");
  let calm = false;
  const universe = await openUniverse({
    ...profile,
    chance,
    weather,
    rank: chance.fork("rank").next,
    answerLost: () => !calm && link.happens(profile.answersLost),
    customer: () => (people.happens(0.7) ? { paysAfterMs: people.between(10, customerSlowestMs) } : undefined),
    bank: () => ({
      atOnce: people.happens(0.4),
      afterMs: people.between(100, bankSlowestMs),
      fails: people.happens(0.1),
    }),
    ...(mutation === undefined ? {} : { mutation }),
  });
  const { time, calls } = universe;
  const startMs = time.nowMs;
  const findings: Finding[] = [];
  try {
    const a = memory(universe.partners.a);
    const b = memory(universe.partners.b);
    a.other = { name: "b", known: b.known };
    b.other = { name: "a", known: a.known };
    const goesOn = (): boolean => calls.length < steps && findings.length === 0;
    const working = new Set<Promise<void>>();
    for (const own of [a, b]) {
      for (let number = 1; number <= actorsEach; number += 1) {
        const actor = act(universe, own, chance.fork(`${own.partner.name}${number}`), goesOn)
          .catch((error: unknown) => void findings.push({ invariant: "harness", what: String(error) }))
          .finally(() => working.delete(actor));
        working.add(actor);
      }
    }
    let judged = 0;
    const untilMs = startMs + maxVirtualMs;
    const seenEnough = (): boolean => untilFirst && findings.length > 0;
    while (working.size > 0 && time.nowMs < untilMs && !seenEnough()) {
      await time.step();
      if (calls.length < judged + judgeEverySteps) continue;
      judged = calls.length;
      if (universe.fleet.all().length > 0) findings.push(...judgeSoFar(await universe.glance()));
    }
    weather.clear();
    calm = true;
    if (!seenEnough()) {
      await settled(time, Promise.all([comeBack(a), comeBack(b)]));
      const quietMs = time.nowMs + maxQuietMs;
      while (time.nowMs < quietMs && !(await universe.quiet())) await settled(time, time.pause(quietEveryMs));
      findings.push(...judge(await universe.observe()));
    }
  } catch (error) {
    findings.push({ invariant: "harness", what: (error as Error).stack ?? String(error) });
  } finally {
    universe.close();
  }
  const { chronicle, fleet, alarms } = universe;
  return {
    seed,
    findings: distinct(findings),
    calls: calls.length,
    faults: chronicle.faults,
    digest: chronicle.digest(),
    latest: chronicle.latest,
    profile: inWords(profile),
    virtualMs: time.nowMs - startMs,
    starts: fleet.starts(),
    alarms,
  };
}

function distinct(findings: readonly Finding[]): Finding[] {
  return [...new Map(findings.map((found) => [found.what, found])).values()];
}
