/** Points of an axis measured in turns, so that whatever else the machine does meets all of them. */
import { median } from "../figures.ts";
import type { Measured, Round, StartedBuild } from "../stage.ts";
import type { AxisFigures, Point, Setting } from "./types.ts";

export interface Place {
  x: number;
  name?: string;
  on: StartedBuild;
  /** Of this place alone. */
  round?: Partial<Round>;
}

/** What one round says of a place. */
export type Seen = Pick<Point, "cpuUs" | "p50Ms" | "p99Ms" | "failed">;

/** Reads and effects by halves. */
const mixed = { workload: "effect", effectShare: 0.5 } as const;
/** Busy all the time, where CPU is what the work takes and not what waking up does; few, so that nothing is refused. */
const busy = { ...mixed, connections: 8 } as const;
/** More than one core answers. */
const signedPerSecond = 2_500;
/** A modest load by the clock, which shows latencies; small enough for what else such machines do. */
const modest = { ...mixed, connections: 32, ratePerSecond: 150 } as const;
const modestSeconds = 1;

const warmUpRequests = 3_000;
const warmUpSeconds = 6;

/** What one request may cost more at the far end than at the near one. */
export const flatWithin = 1.2;

/** Until the code of each process is compiled and the pools are open; after a number of requests, so that all are equally warm. */
export async function warmUp(
  { stage, seconds }: Setting,
  on: StartedBuild,
  round: Partial<Round> = {},
  processes = 1,
): Promise<void> {
  const times = Math.min(1, seconds) * processes;
  await stage.load(on, { ...busy, seconds: warmUpSeconds * times, maxRequests: warmUpRequests * times, ...round });
}

/** A round at a modest load. */
export async function modestRound({ stage, seconds }: Setting, on: StartedBuild, round: Partial<Round> = {}) {
  return seen(await stage.measure(on, { ...modest, seconds, ...round }));
}

/** Rounds at every place: CPU of a busy gateway, and latencies at a modest load unless the busy round's are what is wanted. */
export async function inTurns(
  setting: Setting,
  what: string,
  places: readonly Place[],
  latencies: "modest" | "busy" = "modest",
) {
  const { stage, rounds, seconds, say } = setting;
  const results = places.map((): Seen[] => []);
  for (let at = 0; at < rounds; at += 1) {
    const told: string[] = [];
    // Another one is first each time.
    for (const index of places.map((_, place) => (place + at) % places.length)) {
      const { x, name = String(x), on, round } = places[index] as Place;
      const maxRequests = Math.ceil(seconds * signedPerSecond);
      const inWork = seen(await stage.measure(on, { ...busy, seconds, maxRequests, ...round }));
      const calm =
        latencies === "busy"
          ? inWork
          : await modestRound({ ...setting, seconds: Math.min(seconds, modestSeconds) }, on, round);
      results[index]?.push({ ...calm, cpuUs: inWork.cpuUs, failed: inWork.failed + calm.failed });
      told.push(`${name} ${inWork.cpuUs.toFixed(0)} µs p50 ${calm.p50Ms.toFixed(1)} ms`);
    }
    say(`${what}, round ${at + 1} of ${rounds}: ${told.join(", ")}`);
  }
  return places.map(({ x, name = x.toLocaleString("en") }, index) => pointOf(x, name, results[index] ?? []));
}

function seen({ usage, succeeded, p50Ms, p99Ms, failed }: Measured): Seen {
  return { cpuUs: usage.cpuUs / succeeded, p50Ms, p99Ms, failed };
}

/** Medians; failures are added up. */
export function pointOf(x: number, name: string, results: readonly Seen[]): Point {
  const of = (value: Exclude<keyof Seen, "failed">): number => median(results.map((each) => each[value]));
  const failed = results.reduce((sum, each) => sum + each.failed, 0);
  return { x, name, cpuUs: of("cpuUs"), p50Ms: of("p50Ms"), p99Ms: of("p99Ms"), failed };
}

/** An axis on which the CPU of a request should stay what it is. */
export function flat(title: string, points: Point[]): AxisFigures {
  const [first, last] = [points[0], points.at(-1)];
  const ratio = (last?.cpuUs ?? NaN) / (first?.cpuUs ?? NaN);
  const finding = `CPU × ${ratio.toFixed(2)} from ${first?.name} to ${last?.name}`;
  return { title, points, judged: "cpuUs", finding, holds: ratio <= flatWithin && noneFailed(points) };
}

export function noneFailed(points: readonly Point[]): boolean {
  return points.every(({ failed }) => failed === 0);
}
