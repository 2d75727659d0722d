import type { Acknowledgement } from "#capability";
import type { MockContext, MockDefinition, MockVendor, WireAnswer, WireRequest } from "../types.ts";
import type { Strike } from "./spoils.ts";
import { openTap } from "./tap.ts";
import type { CallbackTap } from "./tap.ts";

/** One request that reached the layer. */
export interface Passed {
  operation: string;
  /** The trace id of the call (W3C), by which everything belongs together that came of one request of a partner's. */
  trace: string;
  request: WireRequest;
  /** What went out, before a socket's fault; undefined while the vendor works on it, or if it never saw the request. */
  answer: WireAnswer | undefined;
  /** Whether the planned fault changed anything: a `drip` of nothing is no fault. */
  struck: boolean;
}

/** What goes wrong for one trace. */
export interface Plan {
  /** Only this operation of the vendor's; any when absent. */
  operation?: string;
  /** How often; always when absent. */
  times?: number;
  strike?: Strike;
  /** The answer waits for this. */
  until?: Promise<unknown>;
  /** Answers in the vendor's place, in the vendor's own words; the request is not acted on. */
  instead?: (vendor: MockVendor, request: WireRequest, operation: string) => WireAnswer | Promise<WireAnswer>;
}

/** A mock with a layer of faults in front of it: per trace and operation, so that many run side by side. */
export interface FaultLayer {
  definition: MockDefinition;
  vendor(): MockVendor;
  plan(trace: string, plan: Plan): void;
  passed: readonly Passed[];
  of(trace: string): Passed[];
  /** The callbacks that the vendor sends. */
  tap: CallbackTap;
}

/** Puts the layer in front of a mock; start `definition` in the mock's place. A callback that is kept back is acknowledged so. */
export function withFaults(definition: MockDefinition, acknowledged: Acknowledgement = { status: 200 }): FaultLayer {
  const plans = new Map<string, Plan[]>();
  const passed: Passed[] = [];
  const tap = openTap({ headers: {}, body: "", ...acknowledged });
  let running: MockVendor | undefined;

  const planFor = (request: WireRequest, operation: string | undefined): Plan | undefined => {
    const known = plans.get(traceOf(request)) ?? [];
    const plan = known.find((each) => each.operation === undefined || each.operation === operation);
    if (plan?.times === undefined) return plan;
    if (plan.times <= 0) return undefined;
    return plan;
  };

  const layered = (vendor: MockVendor): MockVendor => ({
    ...vendor,
    unread(head) {
      const operation = vendor.operationOf(head);
      const plan = planFor(head, operation);
      if (plan?.strike?.when !== "unread") return vendor.unread?.(head);
      if (plan.times !== undefined) plan.times -= 1;
      const trace = traceOf(head);
      passed.push({ operation: operation ?? "", trace, request: head, answer: undefined, struck: true });
      return plan.strike.fault;
    },
    async handle(request, operation) {
      const plan = planFor(request, operation);
      if (plan?.times !== undefined) plan.times -= 1;
      const entry: Passed = { operation, trace: traceOf(request), request, answer: undefined, struck: false };
      passed.push(entry);
      const { answer, struck } = await answered(vendor, request, operation, plan);
      entry.struck = struck;
      entry.answer = answer;
      return answer;
    },
  });

  return {
    definition: {
      ...definition,
      async create(context: MockContext) {
        running = await definition.create({ ...context, send: tap.around(context.send) });
        return layered(running);
      },
    },
    vendor() {
      if (running === undefined) throw new Error(`${definition.adapter} does not run yet`);
      return running;
    },
    plan: (trace, plan) => void plans.set(trace, [...(plans.get(trace) ?? []), plan]),
    passed,
    of: (trace) => passed.filter((each) => each.trace === trace),
    tap,
  };
}

async function answered(
  vendor: MockVendor,
  request: WireRequest,
  operation: string,
  plan: Plan | undefined,
): Promise<{ answer: WireAnswer; struck: boolean }> {
  if (plan?.instead !== undefined) {
    return { answer: { ...(await plan.instead(vendor, request, operation)), offSpec: true }, struck: true };
  }
  if (plan?.strike?.when === "instead") return { answer: plan.strike.answer(), struck: true };
  const own = await vendor.handle(request, operation);
  if (plan?.until !== undefined) await plan.until;
  if (plan?.strike?.when !== "after") return { answer: own, struck: false };
  const answer = plan.strike.spoil(own);
  return { answer, struck: answer.fault !== own.fault || answer.body !== own.body || answer.status !== own.status };
}

/** The trace id in `traceparent`; empty if there is none. */
function traceOf(request: WireRequest): string {
  return request.headers["traceparent"]?.slice(3, 35) ?? "";
}
