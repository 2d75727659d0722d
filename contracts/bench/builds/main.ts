/** One build in a process of its own: starts it, then answers its parent what it has used so far, and profiles itself on request. */
import { Session } from "node:inspector/promises";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { getHeapStatistics } from "node:v8";
import type { GatewayConfigInput } from "#gateway";
import type { BuildOptions } from "./types.ts";

/** What a process has used since it began. CPU times in microseconds. */
export interface Usage {
  cpuUs: number;
  mainThreadUs: number;
  allocatedBytes: number;
  rssBytes: number;
}

/** How a process stands. */
export interface Sample {
  rssBytes: number;
  /** After a collection if one was asked for and `--expose-gc` allows it. */
  heapUsedBytes: number;
  /** Of `process.getActiveResourcesInfo()`, how many of each type. */
  resources: Record<string, number>;
  /** By how much timers were late since the sample before; null in the first. */
  eventLoopP99Ms: number | null;
}

export type BuildMessage =
  | { kind: "start"; build: string; options: BuildOptions; gateway?: Partial<GatewayConfigInput> }
  | { kind: "usage" }
  | { kind: "sample"; collect: boolean }
  | { kind: "profile" }
  | { kind: "profiled" };

const profileEveryUs = 200;
const session = new Session();

async function take(message: BuildMessage): Promise<unknown> {
  switch (message.kind) {
    case "start":
      await start(message.build, message.options, message.gateway);
      return null;
    case "usage":
      return usage();
    case "sample":
      return sample(message.collect);
    case "profile":
      session.connect();
      await session.post("Profiler.enable");
      await session.post("Profiler.setSamplingInterval", { interval: profileEveryUs });
      await session.post("Profiler.start");
      return null;
    case "profiled": {
      const { profile } = await session.post("Profiler.stop");
      session.disconnect();
      return profile;
    }
  }
}

async function start(build: string, options: BuildOptions, gateway?: Partial<GatewayConfigInput>): Promise<void> {
  if (build === "floor") return (await import("./floor.ts")).startFloor(options);
  if (build === "naive") return (await import("./naive.ts")).startNaive(options);
  return (await import("./qiao.ts")).startQiao(options, gateway);
}

function usage(): Usage {
  const cpu = process.cpuUsage();
  const main = process.threadCpuUsage();
  return {
    cpuUs: cpu.user + cpu.system,
    mainThreadUs: main.user + main.system,
    allocatedBytes: getHeapStatistics().total_allocated_bytes,
    rssBytes: process.memoryUsage.rss(),
  };
}

const delayEveryMs = 10;
let delay: ReturnType<typeof monitorEventLoopDelay> | undefined;

function sample(collect: boolean): Sample {
  const eventLoopP99Ms = delay === undefined ? null : Math.max(0, delay.percentile(99) / 1e6 - delayEveryMs);
  if (delay === undefined) {
    delay = monitorEventLoopDelay({ resolution: delayEveryMs });
    delay.enable();
  }
  if (collect) globalThis.gc?.();
  const { rss, heapUsed } = process.memoryUsage();
  const resources: Record<string, number> = {};
  for (const type of process.getActiveResourcesInfo()) resources[type] = (resources[type] ?? 0) + 1;
  delay.reset();
  return { rssBytes: rss, heapUsedBytes: heapUsed, resources, eventLoopP99Ms };
}

process.on("message", (message: BuildMessage) => {
  take(message).then(
    (answer) => process.send?.({ answer }),
    (error: unknown) =>
      process.send?.({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
});
process.on("disconnect", () => process.exit(0));
