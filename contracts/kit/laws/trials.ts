/** Every fault of the wire, at every operation of the vendor's, for every operation of ours that calls it. */
import { setTimeout as sleep } from "node:timers/promises";
import { strikes } from "../../../mocks/faults/index.ts";
import type { StrikeName } from "../../../mocks/faults/index.ts";
import type { Bench } from "../bench.ts";
import { inParallel, send } from "../calls.ts";
import type { Performed } from "../calls.ts";
import type { KitGateway } from "../gateway.ts";
import { readied, waysOf } from "../ways.ts";
import type { Way } from "../ways.ts";
import type { Fault } from "./outcome-classes.ts";

/** Deadlines of the contract are many seconds; a shorter one proves the same. */
export const hastyDeadlineMs = 900;
const strikeNames = Object.keys(strikes) as StrikeName[];
/** These end by a deadline only. */
export const silent: ReadonlySet<string> = new Set<StrikeName>(["hang", "hang_after_headers", "drip"]);
const allAtOnce = 200;
const poolNoticesMs = 200;

/** The gateway whose deadlines are all short. */
export function hastyGateway(bench: Bench): Promise<KitGateway> {
  return bench.shared("the hasty gateway", () => bench.gateway({ maxDeadlineMs: hastyDeadlineMs }));
}

/** One call with one fault. */
export interface Trial extends Performed {
  way: Way;
  vendorOperation: string;
  fault: Fault;
}

/** All faults at all operations, side by side: one run for all checks. */
export function trialsOf(bench: Bench): Promise<Trial[]> {
  return bench.shared("trials", async () => {
    const ways = await waysOf(bench);
    // Else a callback could tell what the spoilt answer did not.
    bench.layer.tap.hold();
    try {
      return await allTrials(bench, ways);
    } finally {
      bench.layer.tap.release();
    }
  });
}

async function allTrials(bench: Bench, ways: readonly Way[]): Promise<Trial[]> {
  const usual = await bench.usual();
  const hasty = await hastyGateway(bench);
  const seen = new Set<string>();
  const todo = ways.flatMap((way) =>
    way.calls.flatMap((vendorOperation) => {
      const name = `${way.operationId} ${vendorOperation}`;
      if (seen.has(name)) return [];
      seen.add(name);
      return strikeNames.map((fault) => ({ way, vendorOperation, fault }));
    }),
  );
  const slow = todo.filter(({ fault }) => silent.has(fault));
  const quick = todo.filter(({ fault }) => !silent.has(fault));
  const trials = await inParallel(quick, (one) => tried(bench, usual, one));
  // Made ready first, so that the short deadline is all spent on the fault.
  const set = await inParallel(slow, async (one) => ({ one, go: await poised(bench, hasty, one) }));
  const waited = await inParallel(set, ({ one, go }) => go().then((done) => ({ ...done, ...one })), allAtOnce);
  const unreached = await refused(bench, usual, ways);
  return [...trials, ...waited, ...unreached];
}

async function tried(bench: Bench, gateway: KitGateway, one: Omit<Trial, keyof Performed>): Promise<Trial> {
  const prepared = await readied(bench, gateway, one.way);
  const plans = [{ operation: one.vendorOperation, strike: strikes[one.fault as StrikeName] }];
  return { ...(await send(bench, gateway, prepared, { plans })), ...one };
}

async function poised(bench: Bench, hasty: KitGateway, one: Omit<Trial, keyof Performed>) {
  const prepared = await readied(bench, hasty, one.way);
  const plans = [{ operation: one.vendorOperation, strike: strikes[one.fault as StrikeName] }];
  return () => send(bench, hasty, prepared, { plans });
}

/** Nobody listens at the vendor's port: everything is made ready, then it dies, is called, and comes back. */
async function refused(bench: Bench, gateway: KitGateway, ways: readonly Way[]): Promise<Trial[]> {
  const ready = await inParallel(ways, async (way) => ({
    way,
    prepared: await readied(bench, gateway, way),
  }));
  await bench.mock.kill();
  // Connections of the gateway's pool that just broke are no refusals.
  await sleep(poolNoticesMs);
  try {
    return await inParallel(
      ready.filter(({ way }) => way.calls.length > 0),
      async ({ way, prepared }) => {
        const performed = await send(bench, gateway, prepared);
        return { ...performed, way, vendorOperation: way.calls[0] ?? "", fault: "refuse" as const };
      },
    );
  } finally {
    await bench.mock.revive();
  }
}

export function struckIn({ fault, passed, vendorOperation }: Trial): boolean {
  return fault === "refuse" || passed.some(({ operation, struck }) => operation === vendorOperation && struck);
}
