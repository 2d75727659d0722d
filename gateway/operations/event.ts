import { eventTypes, resources } from "#specs";
import type { EventType, ResourceName } from "#specs";
import type { NewEvent } from "#store";
import { newId } from "./ids.ts";

/** A resource that enters a status. */
export interface Entering {
  capability: string;
  /** Absent for a resource that was not there before. */
  from: string | undefined;
  to: string;
  /** The resource as its `get` answers it. */
  body: Record<string, unknown>;
  /** Whether the answer to the creating call shows this status to the partner. */
  answered: boolean;
}

const byStatus = new Map(
  (Object.keys(eventTypes) as EventType[]).map((type) => [
    `${eventTypes[type].resource} ${eventTypes[type].status}`,
    type,
  ]),
);

/**
 * The event that tells of a movement, to be given to the store in the same commit; undefined when there is nothing to tell:
 * the status is the same, or `unknown`, or internal, or not final and shown by the answer to the creation. Final statuses
 * are always told.
 */
export function eventFor({ capability, from, to, body, answered }: Entering): NewEvent | undefined {
  const type = byStatus.get(`${capability} ${to}`);
  if (type === undefined || from === to) return undefined;
  if (answered && !resources[capability as ResourceName].finalStates.includes(to)) return undefined;
  return { id: newId("evt"), type, data: body };
}
