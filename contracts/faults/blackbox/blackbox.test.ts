import { expect, it } from "vitest";
import { runBlackBox } from "./index.ts";

const seconds = 6;
const timeoutMs = 180_000;

/** A short stretch of what `npm run faults` does for longer. Mostly waiting: the lease of a dead process's claim lasts 15 s. */
it(
  "keeps every promise to its partners through faults and a kill -9",
  async () => {
    const report = await runBlackBox({ minutes: seconds / 60, seed: 11 });
    expect(report.violations).toEqual([]);
    expect(report).toMatchObject({ harness: "blackbox", duplicates: 0, losses: 0, unresolved: 0, seeds: [11] });
    expect(report.faults["kill -9"]).toBeGreaterThan(0);
    expect(Object.keys(report.faults).length).toBeGreaterThan(5);
    expect(report.steps).toBeGreaterThan(30);
  },
  timeoutMs,
);
