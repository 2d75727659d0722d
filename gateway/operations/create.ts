import { nameOf } from "#capability";
import type { Done, Fault } from "#capability";
import type { LoadedAdapter } from "#outbound";
import { operations } from "#specs";
import type { ResourceRow } from "#store";
import { Problem, problemOfFault } from "#problem";
import { eventFor } from "./event.ts";
import { inAnswer, mayTryAgain, noteOutcome } from "./act.ts";
import { problemAnswer } from "./answers.ts";
import { givenTwice, isGivenTwice } from "./given-twice.ts";
import { handlerOf, invoke, timeLeftMs } from "./invoke.ts";
import { stored } from "./rows.ts";
import { firstAsk } from "./schedule.ts";
import { mayMove, voidStatus } from "./states.ts";
import type { Intent, OperationAnswer, OperationPorts, OperationTrace } from "./types.ts";

/** Creates a resource at the first adapter of the route that takes it; only outcomes in `x-failover` go on to the next. */
export async function create(ports: OperationPorts, intent: Intent, trace: OperationTrace): Promise<OperationAnswer> {
  const { request, id, reference, parents, claimedAt: now } = intent;
  const { operationId, input } = request;
  const { failover } = operations[operationId];
  for (const [index, adapter] of intent.adapters.entries()) {
    const outcome = await invoke(ports, {
      request,
      operationId,
      adapter,
      id,
      reference,
      input,
      parents,
      now,
      leftMs: timeLeftMs(ports, intent),
    });
    noteOutcome(trace, adapter.manifest.name, outcome);
    if (outcome.outcome === "done") {
      try {
        return await created(ports, intent, outcome);
      } catch (error) {
        if (!isGivenTwice(error)) throw error;
        return notCreated(ports, intent, adapter, givenTwice(ports, { adapter: adapter.manifest.name, id }, error));
      }
    }
    const next = failover.includes(outcome.outcome) ? intent.adapters[index + 1] : undefined;
    // The resource is the next adapter's before anything is sent there, so that a crash leaves the right one to ask.
    const goesOn = next !== undefined && (await ports.store.reroute(id, next.manifest.name));
    if (!goesOn) return notCreated(ports, intent, adapter, outcome.fault);
  }
  throw new Problem("operation_unsupported");
}

async function created(
  ports: OperationPorts,
  intent: Intent,
  done: Done<Record<string, unknown>>,
): Promise<OperationAnswer> {
  const { request, id } = intent;
  const status = String(done.body["status"]);
  const { capability } = nameOf(request.operationId);
  if (done.body["id"] !== id || (status !== "unknown" && !mayMove(capability, "unknown", status))) {
    ports.alarm("adapter's resource breaks the contract", { operationId: request.operationId, status });
    throw new Problem("internal_error");
  }
  const answer = inAnswer(ports, request, done.body, id, false);
  const event = eventFor({ capability, from: "unknown", to: status, body: done.body, answered: true });
  await ports.store.complete({
    partner: request.partner,
    key: request.key,
    operationId: request.operationId,
    nowMs: ports.now().getTime(),
    answer,
    resource: {
      id,
      status,
      body: { body: done.body, request: request.input.body },
      ...(done.state === undefined ? {} : { state: done.state }),
      ...(done.handles === undefined ? {} : { handles: done.handles }),
      cause: "answer",
      ...firstAsk(ports, capability, status),
      ...(event === undefined ? {} : { event }),
    },
  });
  return answer;
}

async function notCreated(
  ports: OperationPorts,
  intent: Intent,
  adapter: LoadedAdapter,
  fault: Fault,
): Promise<OperationAnswer> {
  const { request, id } = intent;
  if (mayTryAgain(fault)) {
    await ports.store.release(request);
    throw problemOfFault(fault);
  }
  const base = { partner: request.partner, key: request.key, operationId: request.operationId };
  const nowMs = ports.now().getTime();
  if (fault.outcome === "unknown" && canBeAsked(adapter, intent)) {
    const row = await ports.store.resource(id);
    if (row === undefined) throw new Problem("outcome_unknown");
    // A callback may have told the outcome while we waited for the answer.
    const answer = inAnswer(ports, request, stored(row).body, id, row.status === "unknown");
    await ports.store.complete({ ...base, nowMs, answer, settled: { id, ...stillAsked(ports, row) } });
    return answer;
  }
  const problem = problemOfFault(fault);
  const lost = fault.outcome === "unknown" ? new Problem("outcome_lost", problem.options) : problem;
  const answer = problemAnswer(lost, request.requestId);
  const body = { body: {}, request: undefined };
  await ports.store.complete({ ...base, nowMs, answer, resource: { id, status: voidStatus, body, cause: fault.code } });
  return answer;
}

/** An outcome that nobody knows is asked about soon, not only when the claim's lease is over. */
function stillAsked(ports: OperationPorts, row: ResourceRow): { askAtMs: number | undefined } {
  return { askAtMs: firstAsk(ports, row.kind, row.status).askAtMs };
}

/** A charged check that the vendor cannot be asked about again ends as a problem; another key is another fee. */
function canBeAsked(adapter: LoadedAdapter, intent: Intent): boolean {
  const { effect, resolve } = operations[intent.request.operationId];
  if (effect === "once") return true;
  return resolve !== undefined && typeof handlerOf(adapter, resolve) === "function";
}
