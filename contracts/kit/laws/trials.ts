/** Every fault of the wire, at every operation of the vendor's, for every operation of ours that calls it. */
import { setImmediate as loopTurn, setTimeout as sleep } from "node:timers/promises";
import { strikes } from "../../../mocks/faults/index.ts";
import type { StrikeName } from "../../../mocks/faults/index.ts";
import type { Bench } from "../bench.ts";
import { inParallel, send } from "../calls.ts";
import type { Performed, Prepared } from "../calls.ts";
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
const waveMs = 250;
/** How often a call is made whose short deadline may have ended, on a busy machine, before the vendor was reached. */
const attempts = 3;
/** A broken connection is read in one turn of the event loop and closed in the next; twice that, however slow the machine. */
const loopTurns = 4;

/** One call with one fault to come. */
interface Planned {
  way: Way;
  vendorOperation: string;
  fault: Fault;
}

/** One call with one fault. */
export interface Trial extends Performed, Planned {}

/** All faults at all operations, side by side: one run for all checks. */
export function trialsOf(bench: Bench): Promise<Trial[]> {
  return bench.shared("trials", async () => {
    const quick = await withoutCallbacks(bench, () => quickTrials(bench));
    return [...quick, ...(await silentTrials(bench))];
  });
}

/** Those of the trials that end by a deadline only. */
export function silentTrials(bench: Bench): Promise<Trial[]> {
  return bench.shared("silent trials", () =>
    withoutCallbacks(bench, async () => {
      // Made ready with all the time there is, so that the short deadline is spent on the fault alone.
      const gateway = await bench.gateway();
      const planned = await plannedFaults(bench, (fault) => silent.has(fault));
      const ready = await inParallel(planned, async (one) => ({
        ...one,
        prepared: await readied(bench, gateway, one.way),
      }));
      await gateway.restart({ maxDeadlineMs: hastyDeadlineMs });
      // One fault after another begins: else all answers would be due at one moment, and late for want of a processor.
      const waves = [...silent].map(async (fault, nth) => {
        await sleep(nth * waveMs);
        const wave = ready.filter((one) => one.fault === fault);
        return inParallel(wave, (one) => untilStruck(bench, gateway, one), allAtOnce);
      });
      return (await Promise.all(waves)).flat();
    }),
  );
}

async function quickTrials(bench: Bench): Promise<Trial[]> {
  const gateway = await bench.usual();
  const planned = await plannedFaults(bench, (fault) => !silent.has(fault));
  const trials = await inParallel(planned, async (one) =>
    tried(bench, gateway, { ...one, prepared: await readied(bench, gateway, one.way) }),
  );
  return [...trials, ...(await refused(bench, gateway))];
}

/** Else a callback could tell what the spoilt answer did not. */
async function withoutCallbacks<T>(bench: Bench, run: () => Promise<T>): Promise<T> {
  bench.layer.tap.hold();
  try {
    return await run();
  } finally {
    bench.layer.tap.release();
  }
}

/** Each fault at each of the vendor's operations once for each of ours; every sample is left hanging at its last call. */
async function plannedFaults(bench: Bench, wanted: (fault: StrikeName) => boolean): Promise<Planned[]> {
  const seen = new Set<string>();
  return (await waysOf(bench)).flatMap((way) =>
    way.calls.flatMap((vendorOperation, nth) => {
      const name = `${way.operationId} ${vendorOperation}`;
      const isLast = nth === way.calls.length - 1;
      const faults = strikeNames.filter((fault) => !seen.has(name) || (isLast && fault === "hang"));
      seen.add(name);
      return faults.filter(wanted).map((fault) => ({ way, vendorOperation, fault }));
    }),
  );
}

async function tried(bench: Bench, gateway: KitGateway, one: Planned & { prepared: Prepared }): Promise<Trial> {
  const { prepared, ...planned } = one;
  const plans = [{ operation: one.vendorOperation, strike: strikes[one.fault as StrikeName] }];
  return { ...(await send(bench, gateway, prepared, { plans })), ...planned };
}

/** A deadline that ended on the way to the vendor says nothing of the vendor. */
async function untilStruck(bench: Bench, gateway: KitGateway, one: Planned & { prepared: Prepared }): Promise<Trial> {
  for (let attempt = 1; ; attempt += 1) {
    const trial = await tried(bench, gateway, one);
    const wasReached = trial.passed.some(({ operation }) => operation === one.vendorOperation);
    if (wasReached || attempt === attempts) return trial;
  }
}

/** Nobody listens at the vendor's port: everything is made ready, then it dies, is called, and comes back. */
async function refused(bench: Bench, gateway: KitGateway): Promise<Trial[]> {
  const ways = (await waysOf(bench)).filter(({ calls }) => calls.length > 0);
  const ready = await inParallel(ways, async (way) => ({
    way,
    prepared: await readied(bench, gateway, way),
  }));
  await bench.mock.kill();
  // Connections of the gateway's pool that just broke are no refusals: it reads and handles their end first.
  for (let turn = 0; turn < loopTurns; turn += 1) await loopTurn();
  try {
    return await inParallel(ready, async ({ way, prepared }) => {
      const performed = await send(bench, gateway, prepared);
      return { ...performed, way, vendorOperation: way.calls[0] ?? "", fault: "refuse" as const };
    });
  } finally {
    await bench.mock.revive();
  }
}

export function struckIn({ fault, passed, vendorOperation }: Trial): boolean {
  return fault === "refuse" || passed.some(({ operation, struck }) => operation === vendorOperation && struck);
}
