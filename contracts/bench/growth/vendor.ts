/** One vendor hung or dead while others are asked: theirs is the latency that is measured. */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { outboundLimits } from "#outbound";
import type { Vendor } from "../stage.ts";
import { copyAdapters } from "./adapters.ts";
import { modestRound, noneFailed, pointOf, warmUp } from "./points.ts";
import type { Seen } from "./points.ts";
import type { Axis } from "./types.ts";

/** The others' p99 may be so many times what it is while all is well. */
const p99Within = 1.2;
/** Meanwhile effects go to the bad vendor, until its breaker opens and between its trials. */
const toTheBad = { workload: "effect", ratePerSecond: 40, connections: 128 } as const;
const headStartMs = 1_000;
const marginMs = 1_000;

const states: Record<string, (vendor: Vendor) => Promise<void>> = {
  well: async () => undefined,
  hung: (vendor) => vendor.tell({ rate: 1, kinds: ["hang"] }),
  dead: (vendor) => vendor.tell({ listens: false }),
};

async function heal(vendor: Vendor, name: string): Promise<void> {
  if (name === "well") return;
  await vendor.tell({ rate: 0, kinds: [] });
  // The calls that hung have waited for longer than their breaker does.
  if (name === "hung") return;
  await vendor.tell({ listens: true });
  await sleep(outboundLimits.breakerResetMs + marginMs);
}

export const vendorAxis: Axis = async (setting) => {
  const { stage, rounds, seconds, say } = setting;
  const bad = await stage.anotherVendor();
  const adaptersDir = join(stage.dir, "adapters-vendors");
  const [good = "", other = ""] = await copyAdapters(adaptersDir, 2);
  const on = await stage.start("qiao", [], {
    gateway: {
      adaptersDir,
      adapters: {
        [good]: { origin: stage.vendor.origin, secret: stage.vendor.secret },
        [other]: { origin: bad.origin, secret: bad.secret },
      },
      routes: [
        { capability: "customerAccounts", adapters: [{ name: good }] },
        { capability: "instalments", adapters: [{ name: other }] },
      ],
    },
  });
  await warmUp(setting, on);
  const background = stage.anotherLoad();
  const results = new Map<string, Seen[]>(Object.keys(states).map((name) => [name, []]));
  for (let at = 0; at < rounds; at += 1) {
    const told: string[] = [];
    for (const [name, become] of Object.entries(states)) {
      await become(bad);
      const meanwhile = background.load(on, { ...toTheBad, seconds: seconds + headStartMs / 1_000 });
      await sleep(headStartMs);
      const measured = await modestRound(setting, on, { effectShare: 0 });
      const { statuses } = await meanwhile;
      results.get(name)?.push(measured);
      const answers = Object.entries(statuses).map(([status, count]) => `${count} × ${status}`);
      told.push(`${name} p99 ${measured.p99Ms.toFixed(1)} ms (its own calls: ${answers.join(", ")})`);
      await heal(bad, name);
    }
    say(`vendor, round ${at + 1} of ${rounds}: ${told.join("; ")}`);
  }
  const points = [...results].map(([name, measured], index) => pointOf(index, name, measured));
  const ratios = points.map(({ p99Ms }) => p99Ms / (points[0]?.p99Ms ?? NaN));
  const [, hung = NaN, dead = NaN] = ratios;
  return {
    title: "others' p99 while one vendor is",
    points,
    judged: "p99Ms",
    finding: `others' p99 × ${hung.toFixed(2)} while it hangs, × ${dead.toFixed(2)} while it is dead`,
    holds: hung <= p99Within && dead <= p99Within && noneFailed(points),
  };
};
