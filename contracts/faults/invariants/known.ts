import { resources } from "#specs";
import type { Judge } from "./observed.ts";

/**
 * I-4: what was unknown has become known, and no fault around the gateway becomes one of its own; liveness: whatever can still move has come to its end. Judged when the faults
 * have stopped and time has passed.
 */
export const known: Judge = ({ resources: all, calls }) => [
  ...all.flatMap(({ id, kind, status, memo }) => {
    if (status === "void" || resources[kind].finalStates.includes(status)) return [];
    const invariant = status === "unknown" ? ("I-4" as const) : ("liveness" as const);
    return [{ invariant, what: `${id} (${memo}) is still ${status}` }];
  }),
  ...undecided(calls),
  ...calls.flatMap(({ partner, operationId, memo, problem }) =>
    problem?.code === "internal_error"
      ? [{ invariant: "I-4" as const, what: `${partner} was told internal_error by ${operationId} ${memo}` }]
      : [],
  ),
];

/** A partner that goes on asking under one key gets a definite answer in the end. */
function undecided(calls: Parameters<Judge>[0]["calls"]): ReturnType<Judge> {
  const wishes = Map.groupBy(
    calls.filter(({ key }) => key !== undefined),
    ({ partner, key }) => `${partner} ${key}`,
  );
  return [...wishes].flatMap(([wish, attempts]) => {
    const decided = attempts.some(({ status = 0, problem }) => status > 0 && (!problem || problem.retry === "never"));
    const last = attempts.at(-1);
    const what = `${wish} ${last?.operationId ?? ""} never got an answer but ${last?.problem?.code ?? "silence"}`;
    return decided ? [] : [{ invariant: "liveness" as const, what }];
  });
}
