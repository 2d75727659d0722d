import { resources } from "#specs";

const kinds = { ins: resources.instalments, rfd: resources.refunds } as const;

function statesOf(id: string): Readonly<Record<string, readonly string[]>> {
  const prefix = id.slice(0, 3);
  if (prefix !== "ins" && prefix !== "rfd") throw new Error(`${id} is no resource of this harness`);
  return kinds[prefix].states;
}

/** Whether the contract lets the resource go from one state to the other, over any number of steps; staying is allowed. */
export function mayFollow(id: string, from: string, to: string): boolean {
  const states = statesOf(id);
  const seen = new Set([from]);
  for (const state of seen) for (const next of states[state] ?? []) seen.add(next);
  return seen.has(to);
}

/** A state without exits. */
export function isFinalState(id: string, state: string): boolean {
  return statesOf(id)[state]?.length === 0;
}
