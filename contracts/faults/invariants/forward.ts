import { resources } from "#specs";
import type { ResourceName } from "#specs";
import type { CallSeen, Finding, Judge, ResourceSeen } from "./observed.ts";

/** I-5: states only move forward along the contract's machine, each step with its cause, as stored and as seen. */
export const forward: Judge = ({ resources: all, calls }) => [
  ...all.flatMap(stepsOf),
  ...[...Map.groupBy(calls.filter(answered), ({ resource }) => resource?.id ?? "")].flatMap(([id, seen]) => {
    const kind = all.find((each) => each.id === id)?.kind;
    return kind === undefined ? [] : readsOf(id, kind, seen);
  }),
];

function answered({ resource, endedMs }: CallSeen): boolean {
  return resource !== undefined && endedMs !== undefined;
}

function stepsOf({ id, kind, transitions }: ResourceSeen): Finding[] {
  const wrong = (what: string): Finding[] => [{ invariant: "I-5", what: `${id}: ${what}` }];
  return transitions.flatMap((step, at) => {
    const before = transitions[at - 1];
    if (step.version !== at + 1) return wrong(`version ${step.version} at place ${at + 1}`);
    if (step.cause === "") return wrong(`version ${step.version} has no cause`);
    if (before === undefined) return [];
    if (step.from !== before.to) return wrong(`${step.from ?? "nothing"} follows ${before.to}`);
    const internal = step.to === "void" && before.to === "unknown";
    if (step.to !== before.to && !internal && !leadsTo(kind, before.to, step.to))
      return wrong(`${before.to} → ${step.to} by ${step.cause}`);
    return [];
  });
}

/** Of two calls of which one began after the other had ended, the later never shows an earlier state; replays aside. */
function readsOf(id: string, kind: ResourceName, seen: CallSeen[]): Finding[] {
  const reads = seen.filter(({ key }) => key === undefined);
  const ended = seen.toSorted((a, b) => (a.endedMs ?? 0) - (b.endedMs ?? 0));
  return reads.flatMap((read) => {
    const status = read.resource?.status ?? "";
    const back = ended.find((other) => {
      const earlier = other.resource?.status ?? "";
      return (other.endedMs ?? 0) < read.startedMs && earlier !== status && !leadsTo(kind, earlier, status);
    });
    if (back === undefined) return [];
    return [{ invariant: "I-5" as const, what: `${id} was seen ${back.resource?.status ?? ""} and later ${status}` }];
  });
}

/** Whether the contract lets a state become another, in one step or several. */
function leadsTo(kind: ResourceName, from: string, to: string): boolean {
  const { states } = resources[kind];
  return (states[from] ?? []).some((next) => next === to || leadsTo(kind, next, to));
}
