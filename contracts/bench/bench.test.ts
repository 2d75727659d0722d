import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readBundle } from "#specs";
import { builds } from "./exchange.ts";
import { median } from "./figures.ts";
import { moreOperations, morePaths } from "./growth/copies.ts";
import { bodyAxis, connectionsAxis } from "./growth/loads.ts";
import { growthPicture, growthTable } from "./growth/report.ts";
import type { AxisFigures, Setting } from "./growth/types.ts";
import { ticks } from "./picture/svg.ts";
import { soakPicture } from "./soak/picture.ts";
import type { SoakSample } from "./soak/run.ts";
import { verdict } from "./soak/verdict.ts";
import { openStage } from "./stage.ts";
import type { Stage, StartedBuild } from "./stage.ts";

let stage: Stage;
let started: StartedBuild[];
beforeAll(async () => {
  stage = await openStage();
  // Each is believed by a partner's client before it counts as started.
  started = await Promise.all(builds.map((build) => stage.start(build)));
});
afterAll(() => stage.close());

describe("the builds", () => {
  it("answer the load with successes only, and tell what they used", async () => {
    expect(started.map(({ build }) => build)).toEqual([...builds]);
    for (const on of started) {
      const round = { workload: "effect", effectShare: 0.5, connections: 2, seconds: 5, maxRequests: 20 } as const;
      const { statuses, usage } = await stage.measure(on, round);
      expect(statuses).toEqual({ 200: 10, 201: 10 });
      expect(usage.cpuUs).toBeGreaterThan(0);
    }
  });

  it("meet a vendor that fails when it is told to", async () => {
    const on = started[builds.indexOf("qiao")] as StartedBuild;
    const round = { workload: "effect", connections: 1, seconds: 5, maxRequests: 1 } as const;
    await stage.vendor.tell({ rate: 1, kinds: ["reset"] });
    // Made, and the answer lost: not known yet.
    expect((await stage.load(on, round)).statuses).toEqual({ 202: 1 });
    await stage.vendor.tell({ rate: 0, kinds: [] });
    expect((await stage.load(on, round)).statuses).toEqual({ 201: 1 });
  });
});

describe("growth", () => {
  it("gives finite figures for each point of an axis, a table and a picture", async () => {
    const plain = (): Promise<StartedBuild> => Promise.resolve(started[builds.indexOf("qiao")] as StartedBuild);
    const setting: Setting = { stage, plain, rounds: 1, seconds: 0.02, stored: 0, say: () => undefined };
    const axes = { body: await bodyAxis(setting), connections: await connectionsAxis(setting) };
    const points = Object.values(axes).flatMap((axis: AxisFigures) => axis.points);
    expect(points.map(({ name }) => name)).toEqual(["1 KiB", "16 KiB", "64 KiB", "1", "100", "1,000"]);
    for (const { cpuUs, p50Ms, p99Ms, failed } of points) {
      expect([cpuUs, p50Ms, p99Ms].every((figure) => Number.isFinite(figure) && figure > 0)).toBe(true);
      expect(failed).toBe(0);
    }
    const growth = { date: "2026-01-01", machine: "any", rounds: 1, seconds: 1, stored: 0, axes };
    expect(growthTable(growth).split("\n")).toHaveLength(2 + points.length);
    const picture = growthPicture(growth);
    expect(picture.match(/<circle/g)).toHaveLength(2 * points.length);
    expect(picture).not.toMatch(/NaN|Infinity|undefined/);
  });

  it("copies the contract's operations so that table and document agree", () => {
    const operations = { "refunds.get": { method: "GET", path: "/v1/refunds/{refundId}" } };
    moreOperations(operations, 3);
    expect(Object.entries(operations).map(([id, { path }]) => `${id} ${path}`)).toEqual([
      "refunds.get /v1/refunds/{refundId}",
      "refunds2.get /v1/refunds-2/{refundId}",
      "refunds3.get /v1/refunds-3/{refundId}",
    ]);
    const { paths } = readBundle() as { paths: Parameters<typeof morePaths>[0] };
    morePaths(paths, 3);
    expect(paths["/v1/refunds-3/{refundId}"]?.["get"]?.operationId).toBe("refunds3.get");
    expect(paths["/v1/refunds/{refundId}"]?.["get"]?.operationId).toBe("refunds.get");
  });
});

describe("soak", () => {
  const steady = Array.from({ length: 40 }, (_, at): SoakSample => ({
    atMinutes: at,
    rested: at % 2 === 0,
    // Warming up does not count.
    rssMiB: at < 8 ? 100 : 200,
    heapMiB: 40,
    sockets: at % 2 === 0 ? 10 : 500,
    handles: { TCPServerWrap: 2 },
    eventLoopP99Ms: at === 0 ? null : 1,
    p99Ms: 5,
    perSecond: 100,
  }));
  const broken = (samples: readonly SoakSample[]): string[] =>
    verdict(samples).flatMap(({ what, holds }) => (holds ? [] : [what]));
  const rising = (of: Partial<SoakSample>): SoakSample[] =>
    steady.map((sample, at) => (at < 30 ? sample : { ...sample, ...of }));

  it("holds while nothing grows", () => {
    expect(broken(steady)).toEqual([]);
    expect(broken(rising({ rssMiB: 209, p99Ms: 5.4, sockets: 20 }))).toEqual([]);
    expect(soakPicture("a soak", steady, ["any"])).not.toMatch(/NaN|Infinity|undefined/);
  });

  it.each<[string, Partial<SoakSample>]>([
    ["RSS, MiB", { rssMiB: 212 }],
    ["p99, ms", { p99Ms: 5.6 }],
    ["sockets", { sockets: 100 }],
    ["Timeout", { handles: { TCPServerWrap: 2, Timeout: 30 } }],
  ])("is broken by growth of %s", (what, of) => {
    expect(broken(rising(of))).toEqual([what]);
  });
});

describe("figures", () => {
  it("takes the middle, or the mean of the two in the middle", () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(median([])).toBeNaN();
  });

  it("divides a scale from zero to at least the most in round steps", () => {
    expect(ticks(100)).toEqual([0, 20, 40, 60, 80, 100]);
    expect(ticks(7, 4)).toEqual([0, 2, 4, 6, 8]);
    expect(ticks(0)).toEqual([0, 1]);
    for (const most of [0.3, 1, 12.5, 999, 1_234_567]) {
      const steps = ticks(most);
      expect(steps.at(-1)).toBeGreaterThanOrEqual(most);
      expect(steps.at(-2)).toBeLessThan(most);
    }
  });
});
