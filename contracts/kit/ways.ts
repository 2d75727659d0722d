/** Which of the vendor's operations each of ours calls: learned by calling, since only the mapping knows it. */
import type { OperationId } from "#capability";
import type { Sample } from "#mocks";
import { operations } from "#specs";
import type { Bench } from "./bench.ts";
import { perform, prepare } from "./calls.ts";
import type { Performed, Prepared } from "./calls.ts";
import type { KitGateway } from "./gateway.ts";
import { KitError } from "./kit-error.ts";
import { samplesOf } from "./samples.ts";

/** One of our operations, with one of its samples, on its way to the vendor. */
export interface Way {
  operationId: OperationId;
  sample: Sample;
  /** The vendor's operations that such a call always makes, in order. */
  calls: readonly string[];
  /** Those that only the first such call makes: what they fetched is kept (tokens, keys). */
  cached: readonly string[];
  /** A call that went well. */
  performed: Performed;
}

/** Calls more, where the first reached the vendor and the second did not. */
const maxMore = 2;

/**
 * Tries every operation with every sample, twice; samples that the vendor refuses lead nowhere. Asked for before anything
 * else is called: what a gateway fetches once shows only where it has not been fetched.
 */
export function waysOf(bench: Bench): Promise<Way[]> {
  return bench.shared("ways", async () => {
    if (bench.layer.passed.length > 0) throw new KitError("the ways are learned before the vendor is called");
    const gateway = await bench.usual();
    const ways: Way[] = [];
    for (const operationId of bench.subject.operations) {
      for (const sample of samplesOf(bench, operationId)) {
        const cold = await perform(bench, gateway, operationId, { sample });
        let performed = await perform(bench, gateway, operationId, { sample });
        // A vendor that calls back before it is asked leaves nothing to ask; what is asked is to be known all the same.
        for (let more = maxMore; more > 0 && performed.passed.length === 0 && cold.passed.length > 0; more -= 1) {
          performed = await perform(bench, gateway, operationId, { sample });
        }
        if (performed.answer.status >= 300) continue;
        const calls = namesIn(performed);
        ways.push({ operationId, sample, calls, cached: keptBetween(namesIn(cold), calls), performed });
      }
    }
    return ways;
  });
}

/**
 * What only the first call fetched. A second one that was answered without the vendor, since it had told of the end by then, says
 * nothing of what is kept.
 */
export function keptBetween(first: readonly string[], second: readonly string[]): string[] {
  return second.length === 0 ? [] : first.filter((id) => !second.includes(id));
}

/** What kind of promise an operation of ours is. */
export type Kind = "creates" | "acts" | "gets" | "reads";

export function kindOf(operationId: OperationId): Kind {
  const { creates, resource, resourceParam, effect } = operations[operationId];
  if (creates) return "creates";
  if (resource !== undefined && resourceParam !== undefined) return effect === "read" ? "gets" : "acts";
  return "reads";
}

/** Whether the vendor can be asked what became of a creation. */
export function isAskable(bench: Bench, operationId: OperationId): boolean {
  const { effect, resolve } = operations[operationId];
  if (effect === "once") return true;
  const [capability = "", verb = ""] = (resolve ?? "").split(".");
  const handlers = bench.subject.adapter.capabilities as Record<string, Record<string, unknown> | undefined>;
  return typeof handlers[capability]?.[verb] === "function";
}

function namesIn({ passed }: Performed): string[] {
  return [...new Set(passed.map(({ operation }) => operation))];
}

/** A way's request, ready to be sent: one for all where the call uses nothing up, else a fresh one. */
export function readied(bench: Bench, gateway: KitGateway, way: Way): Promise<Prepared> {
  const make = (): Promise<Prepared> => prepare(bench, gateway, way.operationId, way.sample);
  const kind = kindOf(way.operationId);
  const usesNothingUp = (kind === "gets" || kind === "reads") && way.sample.on?.on === undefined;
  return usesNothingUp ? bench.shared(`${gateway.origin} ready ${way.operationId}`, make) : make();
}
