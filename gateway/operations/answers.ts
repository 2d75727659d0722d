import { operations } from "#specs";
import { nameOf } from "#capability";
import type { OperationId } from "#capability";
import { Problem } from "#problem";
import { problemBody, problemHeaders } from "#problem";
import type { OperationAnswer, OperationPorts } from "./types.ts";

/**
 * A success answer: the status by what the body says of itself, the bytes, and `Location` for a creation. Throws when the
 * body breaks the contract, which is loud in the log and never leaks.
 */
export function successAnswer(
  ports: OperationPorts,
  operationId: OperationId,
  body: unknown,
  id?: string,
): OperationAnswer {
  const status = successStatus(operationId, (body as { status?: unknown } | undefined)?.status);
  const violation = ports.checkAnswer(operationId, status, body);
  if (violation !== undefined) {
    ports.alarm("answer breaks the contract", { operationId, status, violation });
    throw new Problem("internal_error");
  }
  return {
    status,
    contentType: "application/json",
    headers: id === undefined || !operations[operationId].creates ? {} : { Location: locationOf(operationId, id) },
    body: Buffer.from(JSON.stringify(body)),
  };
}

/** A problem as a stored answer: replayed like any other. */
export function problemAnswer(problem: Problem, requestId: string): OperationAnswer {
  return {
    status: problem.status,
    contentType: "application/problem+json",
    headers: problemHeaders(problem),
    body: Buffer.from(JSON.stringify(problemBody(problem, requestId))),
  };
}

/** The path of a resource: that of its capability's `get`. */
function locationOf(operationId: OperationId, id: string): string {
  const get = operations[`${nameOf(operationId).capability}.get` as OperationId];
  return get.path.replace(/\{[^}]+\}/, id);
}

/** 202 while the outcome is unknown or still being worked on, if the contract has it; else 201 or 200. */
function successStatus(operationId: OperationId, resourceStatus: unknown): number {
  const statuses: readonly number[] = operations[operationId].successStatuses;
  const accepted = resourceStatus === "unknown" || resourceStatus === "processing";
  if (accepted && statuses.includes(202)) return 202;
  return statuses.find((status) => status !== 202) ?? statuses[0] ?? 200;
}
