import type { Fault } from "#capability";
import { operations, problems } from "#specs";
import { problemOfFault } from "#problem";
import type { ResourceRow } from "#store";
import { problemAnswer, successAnswer } from "./answers.ts";
import { invoke, timeLeftMs } from "./invoke.ts";
import { moveForward } from "./refresh.ts";
import { stored } from "./rows.ts";
import { firstAsk } from "./schedule.ts";
import type { EffectRequest, Intent, OperationAnswer, OperationPorts, OperationTrace } from "./types.ts";

/** An effect on a resource that exists: cancel, revoke, close. */
export async function act(ports: OperationPorts, intent: Intent, trace: OperationTrace): Promise<OperationAnswer> {
  const { request, target, reference, parents, id } = intent;
  const [adapter] = intent.adapters;
  if (target === undefined || adapter === undefined) throw new Error(`${request.operationId} has no target`);
  const { operationId, input } = request;
  const outcome = await invoke(ports, {
    request,
    operationId,
    adapter,
    id,
    reference,
    input,
    resource: target,
    parents,
    leftMs: timeLeftMs(ports, intent),
  });
  noteOutcome(trace, adapter.manifest.name, outcome);
  if (outcome.outcome === "done") {
    const row = await moveForward(ports, target, outcome, operationId);
    return finish(ports, request, inAnswer(ports, request, stored(row).body, row.id, false), row, row.status);
  }
  if (mayTryAgain(outcome.fault)) {
    await ports.store.release(request);
    throw problemOfFault(outcome.fault);
  }
  if (outcome.outcome === "unknown") {
    return finish(ports, request, inAnswer(ports, request, stored(target).body, target.id, true), target, "unknown");
  }
  const refused = problemAnswer(problemOfFault(outcome.fault), request.requestId);
  return finish(ports, request, refused, target, target.status);
}

/** The answer that shows a resource; `open` = what became of the effect is not known yet. */
export function inAnswer(
  ports: OperationPorts,
  request: EffectRequest,
  body: Record<string, unknown>,
  id: string,
  open: boolean,
): OperationAnswer {
  const answer = successAnswer(ports, request.operationId, body, id);
  const accepted = open && operations[request.operationId].successStatuses.includes(202);
  return accepted ? { ...answer, status: 202 } : answer;
}

/** Stores the answer; `askAs` is the status by which recovery goes on asking, which for an unknown effect is `unknown`. */
async function finish(
  ports: OperationPorts,
  request: EffectRequest,
  answer: OperationAnswer,
  row: ResourceRow,
  askAs: string,
): Promise<OperationAnswer> {
  const { partner, key, operationId } = request;
  const settled = { id: row.id, askAtMs: firstAsk(ports, row.kind, askAs).askAtMs };
  await ports.store.complete({ partner, key, operationId, nowMs: ports.now().getTime(), answer, settled });
  return answer;
}

/**
 * Whether the same key is worth trying again: nothing happened, and the catalogue says that the cause may pass. Such an
 * answer is not stored, since its replay would hide that the cause has passed.
 */
export function mayTryAgain(fault: Fault): boolean {
  return fault.outcome === "not_sent" || (fault.outcome === "rejected" && problems[fault.code].retry !== "never");
}

/** Fills in what the log line tells of a call to an adapter. */
export function noteOutcome(trace: OperationTrace, adapter: string, outcome: Awaited<ReturnType<typeof invoke>>): void {
  trace.adapter = adapter;
  trace.outcome = outcome.outcome;
  if (outcome.outcome === "done") return;
  trace.error = outcome.fault;
  if (outcome.fault.vendor !== undefined) trace.vendorCode = outcome.fault.vendor.code;
}
