import { operations } from "#specs";
import { Problem, problemOfFault } from "#problem";
import { noteOutcome } from "./act.ts";
import { successAnswer } from "./answers.ts";
import { adaptersFor } from "./begin.ts";
import { transientReference } from "./ids.ts";
import { invoke } from "./invoke.ts";
import { loadParents } from "./parents.ts";
import { requireParents } from "./preconditions.ts";
import { refresh } from "./refresh.ts";
import { ownRow, stored } from "./rows.ts";
import type { OperationAnswer, OperationPorts, OperationRequest, OperationTrace } from "./types.ts";

/** An operation without effect: a resource as it stands now, or an answer of the vendor's that is not stored. */
export async function read(
  ports: OperationPorts,
  request: OperationRequest,
  trace: OperationTrace,
): Promise<OperationAnswer> {
  const { resource, resourceParam } = operations[request.operationId];
  if (resource !== undefined && resourceParam !== undefined) {
    const id = request.input.path[resourceParam] ?? "";
    const row = await ownRow(ports, request.partner, resource, id);
    const fresh = await refresh(ports, request, row, trace);
    return successAnswer(ports, request.operationId, stored(fresh).body);
  }
  return ask(ports, request, trace);
}

async function ask(ports: OperationPorts, request: OperationRequest, trace: OperationTrace): Promise<OperationAnswer> {
  const { operationId, input } = request;
  const parents = await requireParents(ports, request, await loadParents(ports, request));
  const adapters = adaptersFor(ports, request, undefined, parents);
  const { failover } = operations[operationId];
  for (const [index, adapter] of adapters.entries()) {
    const reference = transientReference();
    const outcome = await invoke(ports, { request, operationId, adapter, id: "", reference, input, parents });
    noteOutcome(trace, adapter.manifest.name, outcome);
    if (outcome.outcome === "done") return successAnswer(ports, operationId, outcome.body);
    const goesOn = failover.includes(outcome.outcome) && index + 1 < adapters.length;
    if (!goesOn) throw problemOfFault(outcome.fault);
  }
  throw new Problem("operation_unsupported");
}
