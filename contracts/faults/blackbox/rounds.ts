/** The bad time: weather that changes every round, stories that begin, processes that die. */
import { setTimeout as sleep } from "node:timers/promises";
import type { GatewayProcess } from "./gateway-process.ts";
import type { Choices } from "./random.ts";
import { playStory } from "./stories.ts";
import { weatherOf } from "./weather.ts";
import type { World } from "./world.ts";

const roundMs = { least: 150, most: 350 } as const;
const maxStories = 40;
/** Rounds between the restart of a process and its next death. */
const roundsAlive = { least: 4, most: 16 } as const;
/** How many of the deaths are a polite SIGTERM. */
const drainShare = 0.12;
/** How many of the others come just when a request, or its answer, is on the wire; and how long that is waited for. */
const aimedShare = 0.6;
const aimWithinMs = 2_000;
const vendorDownShare = 0.03;
const roundsDown = { least: 1, most: 8 } as const;

export interface BadTime {
  rounds: number;
  kills: number;
  /** Stories that are still told; they stop by themselves when `stop` says so. */
  stories: Promise<unknown>;
}

export interface BadTimeOptions {
  world: World;
  choices: Choices;
  run: string;
  untilMs: number;
  /** Tells the stories when it is time to leave things as they are. */
  stop(): boolean;
  onRound(round: number, open: number, kills: number): void;
}

/** Runs rounds until it is time; leaves every process running again. */
export async function badTime(options: BadTimeOptions): Promise<BadTime> {
  const { world, choices, run, untilMs, stop } = options;
  const stories = new Set<Promise<void>>();
  const failures: unknown[] = [];
  const lives = world.gateways.map((gateway, door) => life(world, gateway, door, choices.fork()));
  let rounds = 0;
  let number = 0;
  let downUntil = 0;
  const kills = (): number => lives.reduce((sum, each) => sum + each.kills(), 0);
  while (performance.now() < untilMs) {
    rounds += 1;
    world.setWeather(weatherOf(choices));
    downUntil = await vendorDown(world, choices, rounds, downUntil);
    const begun = Math.min(choices.between(1, 4), maxStories - stories.size);
    for (let at = 0; at < begun; at += 1) {
      number += 1;
      const [me, other] = choices.chance(0.5) ? [world.a, world.b] : [world.b, world.a];
      const { history } = world;
      const story: Promise<void> = playStory({ me, other, choices: choices.fork(), history, number, run, stop })
        .catch((error: unknown) => void failures.push(error))
        .finally(() => stories.delete(story));
      stories.add(story);
    }
    for (const each of lives) each.round();
    options.onRound(rounds, stories.size, kills());
    await sleep(choices.between(roundMs.least, roundMs.most));
    if (failures.length > 0) throw failures[0];
  }
  await world.proxy.open();
  await Promise.all(lives.map((each) => each.settled()));
  return { rounds, kills: kills(), stories: Promise.all(stories) };
}

/** Now and then nobody listens at the vendor's for some rounds, long enough for a breaker to open. Returns until which. */
async function vendorDown(world: World, choices: Choices, round: number, downUntil: number): Promise<number> {
  if (round < downUntil) return downUntil;
  await world.proxy.open();
  if (!choices.chance(vendorDownShare)) return 0;
  world.tally.add("vendor link: refused");
  await world.proxy.close();
  return round + choices.between(roundsDown.least, roundsDown.most);
}

/** One process's life: some rounds, a death at a random moment of a round, a restart at once. */
function life(world: World, gateway: GatewayProcess, door: number, choices: Choices) {
  // The first one comes early, so that a short run has one too.
  let left: number = roundsAlive.least;
  let kills = 0;
  let changing: Promise<void> | undefined;
  let failure: unknown;

  async function dieAndReturn(): Promise<void> {
    if (choices.chance(drainShare)) {
      const startMs = performance.now();
      world.tally.add("SIGTERM under load");
      await gateway.drain();
      world.history.drains.push({ door, startMs, endMs: performance.now() });
    } else {
      await strike();
      world.tally.add("kill -9");
      kills += 1;
    }
    await gateway.start();
  }

  /** Kills at any time, or before the next request or answer goes on, if one comes. */
  async function strike(): Promise<void> {
    if (!choices.chance(aimedShare)) {
      await sleep(choices.between(0, roundMs.least));
      return gateway.kill();
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    let struck = false;
    const kill = (): void => {
      if (struck) return;
      struck = true;
      resolve(gateway.kill());
    };
    world.proxy.onNext(choices.pick(["request", "answer"]), kill);
    const timer = setTimeout(kill, aimWithinMs);
    await promise;
    clearTimeout(timer);
  }

  return {
    kills: () => kills,
    round() {
      if (failure !== undefined) throw failure;
      if (changing !== undefined) return;
      left -= 1;
      if (left > 0) return;
      changing = dieAndReturn()
        .catch((error: unknown) => void (failure = error))
        .finally(() => {
          changing = undefined;
          left = choices.between(roundsAlive.least, roundsAlive.most);
        });
    },
    async settled() {
      await changing;
      if (failure !== undefined) throw failure;
    },
  };
}
