import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import type { Adapter, OperationId } from "#capability";
import { operations } from "#specs";
import type { MockDefinition } from "#mocks";
import { openBench } from "./bench.ts";
import type { Bench } from "./bench.ts";
import { told } from "./findings.ts";
import { laws } from "./laws/index.ts";
import type { Runner, Subject } from "./types.ts";

/** A check may wait for several deadlines, on a busy machine. */
const checkTimeoutMs = 60_000;

export interface ConformanceOptions {
  adapter: Adapter;
  mock: MockDefinition;
  runner: Runner;
  /** The folder that holds the adapter's; told from `adapter.spec` when absent. */
  adaptersDir?: string;
  /** Only these laws, by name. Default: all. */
  only?: readonly string[];
}

/**
 * Registers every law of the kit for one adapter with a test runner. It runs over real sockets, through the real gateway
 * started with this adapter's folder only, against the adapter's own mock behind a layer of faults.
 */
export function conformance({ adapter, mock, runner, adaptersDir, only }: ConformanceOptions): void {
  const subject = subjectOf(adapter, mock, adaptersDir);
  let opened: Promise<Bench> | undefined;
  const bench = (): Promise<Bench> => (opened ??= openBench(subject));
  const stop = async (): Promise<void> => {
    if (opened === undefined) return;
    const running = await opened.catch(() => undefined);
    await running?.stop();
  };
  const { describe, it, expect } = runner;

  describe(adapter.name, () => {
    for (const law of laws.filter(({ name }) => only?.includes(name) ?? true)) {
      describe(`${law.name}: ${law.promise}`, () => {
        for (const check of law.checks(subject)) {
          if ("skip" in check) {
            it.skip(`${check.name} (${check.skip})`, () => Promise.resolve());
            continue;
          }
          const run = async (): Promise<void> => void expect(told(await check.prove(await bench()))).toBe("");
          it(check.name, run, checkTimeoutMs);
        }
      });
    }
    if (runner.afterAll === undefined) it("stops", stop, checkTimeoutMs);
    else runner.afterAll(stop);
  });
}

/** What is known of an adapter before anything runs. */
export function subjectOf(adapter: Adapter, mock: MockDefinition, adaptersDir?: string): Subject {
  const folder = adaptersDir ?? dirname(dirname(fileURLToPath(adapter.spec)));
  return { adapter, mock, adaptersDir: folder, operations: mappedOperations(adapter) };
}

/** The operations that an adapter maps, in the contract's order. */
export function mappedOperations({ capabilities }: Adapter): OperationId[] {
  return (Object.keys(operations) as OperationId[]).filter((id) => {
    const [capability = "", verb = ""] = id.split(".");
    const handlers = (capabilities as Record<string, object | undefined>)[capability];
    return handlers !== undefined && Object.hasOwn(handlers, verb);
  });
}
