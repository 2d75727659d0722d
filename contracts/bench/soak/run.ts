/** The soak itself: a mixed load at a share of what the gateway can do, a vendor that fails now and then, and samples of the process. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Sample } from "../builds/main.ts";
import type { RoundFigures } from "../load/main.ts";
import type { Load, Stage } from "../stage.ts";

export interface SoakOptions {
  minutes: number;
  /** Of the vendor's answers so many, of 1, are a 500, silence or a reset. */
  faultRate: number;
  say(line: string): void;
}

/** One window of the load and the process at its end. */
export interface SoakSample {
  atMinutes: number;
  /** The load paused before this sample, and what it had asked was answered but for what a silent vendor holds up. */
  rested: boolean;
  rssMiB: number;
  /** In a rested sample after a collection. */
  heapMiB: number;
  sockets: number;
  /** Handles, requests and timers that keep the process alive, sockets excepted, by type. */
  handles: Record<string, number>;
  eventLoopP99Ms: number | null;
  /** Of the successes of the window, in milliseconds. */
  p99Ms: number;
  perSecond: number;
}

export interface Soaked {
  capacityPerSecond: number;
  ratePerSecond: number;
  samples: SoakSample[];
  /** Answers by status, of the whole run. */
  statuses: Record<string, number>;
}

const shareOfCapacity = 0.7;
const mixed = { workload: "effect", effectShare: 0.5 } as const;
const probing = { ...mixed, connections: 32, maxRequests: 20_000 } as const;
const warmUpSeconds = 3;
const probeSeconds = 5;
const connections = 64;
const windowSeconds = 5;
const minWindows = 16;
/** A window's calls to a silent vendor end seconds after it, while others already carry the next ones. */
const loads = 3;
/** About so many samples are rested ones; a collection, which stops the process, is made in these alone. */
const restedSamples = 40;
const restMs = 500;
const bytesPerMiB = 1_024 ** 2;
const socketType = "TCPSocketWrap";

export async function soak(stage: Stage, { minutes, faultRate, say }: SoakOptions): Promise<Soaked> {
  const on = await stage.start("qiao", ["--expose-gc"]);
  await stage.load(on, { ...probing, seconds: warmUpSeconds });
  const { perSecond: capacityPerSecond } = await stage.load(on, { ...probing, seconds: probeSeconds });
  const ratePerSecond = capacityPerSecond * shareOfCapacity;
  say(
    `capacity ${capacityPerSecond.toFixed(0)} requests/s; ${ratePerSecond.toFixed(0)} of them for ${minutes} minutes`,
  );
  await stage.vendor.tell({ rate: faultRate, kinds: ["error", "hang", "reset"] });

  const allMs = minutes * 60_000;
  const seconds = Math.min(windowSeconds, allMs / 1_000 / minWindows);
  const restEvery = Math.max(1, Math.round(allMs / 1_000 / seconds / restedSamples));
  const carriers: Load[] = [stage, ...Array.from({ length: loads - 1 }, () => stage.anotherLoad())];
  const windows: Promise<RoundFigures>[] = [];
  const states: (Omit<SoakSample, "p99Ms" | "perSecond"> & { window: number })[] = [];
  await on.say<Sample>({ kind: "sample", collect: false });
  const startMs = performance.now();
  while (performance.now() - startMs < allMs) {
    const window = windows.length;
    // Its former window is over by now, as a rule; the same load answers one at a time.
    await windows[window - loads];
    const carried = (carriers[window % loads] as Load).load(on, { ...mixed, connections, seconds, ratePerSecond });
    carried.catch(() => undefined);
    windows.push(carried);
    await sleep(seconds * 1_000);
    const rested = window % restEvery === 0;
    if (rested) await sleep(restMs);
    const sample = await on.say<Sample>({ kind: "sample", collect: rested });
    const { [socketType]: sockets = 0, ...handles } = sample.resources;
    const atMinutes = (performance.now() - startMs) / 60_000;
    const [rssMiB, heapMiB] = [sample.rssBytes / bytesPerMiB, sample.heapUsedBytes / bytesPerMiB];
    const { eventLoopP99Ms } = sample;
    states.push({ window, atMinutes, rested, rssMiB, heapMiB, sockets, handles, eventLoopP99Ms });
    if (rested)
      say(
        `${atMinutes.toFixed(1)} min: RSS ${rssMiB.toFixed(0)} MiB, heap ${heapMiB.toFixed(0)} MiB, ${sockets} sockets`,
      );
  }
  const figures = await Promise.all(windows);
  const statuses: Record<string, number> = {};
  for (const [status, count] of figures.flatMap((each) => Object.entries(each.statuses)))
    statuses[status] = (statuses[status] ?? 0) + count;
  const samples = states.map(({ window, ...state }) => {
    const { p99Ms = NaN, succeeded = NaN } = figures[window] ?? {};
    return { ...state, p99Ms, perSecond: succeeded / seconds };
  });
  return { capacityPerSecond, ratePerSecond, samples, statuses };
}
