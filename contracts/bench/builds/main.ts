/** One build in a process of its own: starts it, then answers its parent what it has used so far, and profiles itself on request. */
import { Session } from "node:inspector/promises";
import { getHeapStatistics } from "node:v8";
import type { BuildOptions } from "./types.ts";

/** What a process has used since it began. CPU times in microseconds. */
export interface Usage {
  cpuUs: number;
  mainThreadUs: number;
  allocatedBytes: number;
  rssBytes: number;
}

export type BuildMessage =
  | { kind: "start"; build: string; options: BuildOptions }
  | { kind: "usage" }
  | { kind: "profile" }
  | { kind: "profiled" };

const profileEveryUs = 200;
const session = new Session();

async function take(message: BuildMessage): Promise<unknown> {
  switch (message.kind) {
    case "start":
      await start(message.build, message.options);
      return null;
    case "usage":
      return usage();
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

async function start(build: string, options: BuildOptions): Promise<void> {
  if (build === "floor") return (await import("./floor.ts")).startFloor(options);
  if (build === "naive") return (await import("./naive.ts")).startNaive(options);
  return (await import("./qiao.ts")).startQiao(options);
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

process.on("message", (message: BuildMessage) => {
  take(message).then(
    (answer) => process.send?.({ answer }),
    (error: unknown) => process.send?.({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
});
process.on("disconnect", () => process.exit(0));
