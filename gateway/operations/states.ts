import type { CapabilityName } from "#capability";
import { resourceOf } from "./ids.ts";

/** A void resource never came to be: its creation was refused. Internal; partners get 404. */
export const voidStatus = "void";

/** Whether the contract lets the resource go from one status to another, directly or through others; states only move forward. */
export function mayMove(capability: CapabilityName, from: string, to: string): boolean {
  const states: Readonly<Record<string, readonly string[]>> = resourceOf(capability).states;
  const reached = new Set<string>();
  const open = [from];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const next of states[at] ?? []) {
      if (next === to) return true;
      if (!reached.has(next)) {
        reached.add(next);
        open.push(next);
      }
    }
  }
  return false;
}

/** A status without exits. */
export function isFinal(capability: CapabilityName, status: string): boolean {
  const states: Readonly<Record<string, readonly string[]>> = resourceOf(capability).states;
  return states[status]?.length === 0;
}
