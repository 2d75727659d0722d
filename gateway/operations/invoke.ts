import { Fault, nameOf } from "#capability";
import type { Call, CapabilityName, NotDone, OperationId, Outcome, ResourceView } from "#capability";
import { outboundLimits, startBudget } from "#outbound";
import type { LoadedAdapter } from "#outbound";
import { operations } from "#specs";
import type { ResourceRow } from "#store";
import { viewOf } from "./rows.ts";
import { firstAsk } from "./schedule.ts";
import type { Intent, OperationInput, OperationPorts, OperationRequest, Parents } from "./types.ts";

export interface Invocation {
  request: Pick<OperationRequest, "requestId" | "traceparent" | "partner">;
  operationId: OperationId;
  adapter: LoadedAdapter;
  id: string;
  reference: string;
  input: OperationInput;
  resource?: ResourceRow | undefined;
  parents: Parents;
  /** For a creation the moment of its claim; now otherwise. */
  now?: Date;
  /** What is left of the operation's deadline, for an effect: it began with the claim. */
  leftMs?: number;
}

type AnyHandler = (call: Call<OperationId>, vendor: unknown) => Promise<Outcome<OperationId>>;

/** The handler of an operation, or `"stored"`, or undefined when the adapter does not support it. */
export function handlerOf(adapter: LoadedAdapter, operationId: OperationId): AnyHandler | "stored" | undefined {
  const { capability, verb } = nameOf(operationId);
  const handlers = adapter.manifest.capabilities as Record<string, Record<string, AnyHandler | "stored"> | undefined>;
  return handlers[capability]?.[verb];
}

/** Runs one handler within the operation's deadline. Never throws for what a vendor does: that is an outcome. */
export async function invoke(ports: OperationPorts, invocation: Invocation): Promise<Outcome<OperationId>> {
  const handler = handlerOf(invocation.adapter, invocation.operationId);
  if (typeof handler !== "function") return notDone(new Fault("operation_unsupported", { outcome: "not_sent" }));
  return within(ports, invocation, (call, vendor) => handler(call, vendor));
}

/** Runs `work` with the call and the vendor client of an invocation, and turns every throw into an outcome. */
export async function within<T>(
  ports: OperationPorts,
  invocation: Invocation,
  work: (call: Call<OperationId>, vendor: ReturnType<OperationPorts["outbound"]["client"]>) => Promise<T | NotDone>,
): Promise<T | NotDone> {
  const { adapter, request, operationId, reference } = invocation;
  const { leftMs = operations[operationId].deadlineMs } = invocation;
  const deadlineMs = Math.min(leftMs, ports.maxDeadlineMs ?? Infinity);
  const budget = startBudget(deadlineMs - outboundLimits.answerReserveMs);
  const origin = { requestId: request.requestId, traceparent: request.traceparent, operationId };
  try {
    const keep = keeper(ports, invocation.resource);
    return await work(
      callOf(ports, invocation),
      ports.outbound.client({ adapter, reference, origin, budget, ...keep }),
    );
  } catch (error) {
    if (error instanceof Fault) return notDone(error);
    // A mapping that throws has seen an answer that it cannot read, or is wrong itself: what happened is not known.
    return notDone(new Fault("internal_error", { outcome: "unknown", cause: error, detail: "the adapter threw" }));
  } finally {
    budget.stop();
  }
}

/**
 * What is left of an effect's deadline since its claim, by the process's clock or the wall's, whichever ran further. After it
 * nothing is sent any more: a process that stood still meanwhile is taken for dead, and others may have said what became
 * of its intent.
 */
export function timeLeftMs(ports: Pick<OperationPorts, "now">, intent: Intent): number {
  const { claimedAt, startedMs, request } = intent;
  const ranMs = Math.max(performance.now() - startedMs, ports.now().getTime() - claimedAt.getTime());
  return operations[request.operationId].deadlineMs - ranMs;
}

/** Keeps vendor state of a resource that exists, without moving it. */
function keeper(ports: OperationPorts, resource: ResourceRow | undefined) {
  if (resource === undefined) return {};
  return {
    async keep(state: unknown) {
      const { id } = resource;
      for (let attempt = 1; attempt <= maxKeepAttempts; attempt += 1) {
        const row = await ports.store.resource(id);
        if (row === undefined) break;
        const { version: expectedVersion, status, body } = row;
        const nowMs = ports.now().getTime();
        const ask = firstAsk(ports, row.kind, "unknown");
        if (await ports.store.advance({ id, expectedVersion, status, body, state, cause: "kept", nowMs, ...ask }))
          return;
      }
      throw new Fault("store_unavailable", { outcome: "not_sent", detail: `the state of ${id} could not be kept` });
    },
  };
}

const maxKeepAttempts = 5;

function callOf(ports: OperationPorts, invocation: Invocation): Call<OperationId> {
  const parents: Partial<Record<CapabilityName, ResourceView>> = {};
  for (const [capability, row] of Object.entries(invocation.parents))
    parents[capability as CapabilityName] = viewOf(row);
  return {
    operationId: invocation.operationId,
    id: invocation.id,
    reference: invocation.reference,
    input: invocation.input as never,
    resource: invocation.resource === undefined ? undefined : viewOf(invocation.resource),
    parents,
    partner: { id: invocation.request.partner },
    config: invocation.adapter.config,
    callbackUrl: `${ports.publicOrigin}/callbacks/${invocation.adapter.manifest.name}`,
    now: invocation.now ?? ports.now(),
  };
}

function notDone(fault: Fault): NotDone {
  return { outcome: fault.outcome, fault };
}
