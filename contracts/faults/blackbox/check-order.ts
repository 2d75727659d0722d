import type { Finding } from "./check.ts";
import type { History } from "./history.ts";
import { mayFollow } from "./states.ts";

/** One look at a resource: the interval of the call, and what it showed. */
interface Look {
  startMs: number;
  endMs: number;
  state: string | undefined;
  status: number;
}

/**
 * States only move forward (I-5), and what was readable stays so (I-2): of two looks that did not overlap the later one shows
 * the same or a following state. Replayed answers are old by design and no looks.
 */
export function checkOrder(history: History): Finding[] {
  const looks = new Map<string, Look[]>();
  const add = (id: string, look: Look): void => void looks.set(id, [...(looks.get(id) ?? []), look]);
  for (const { id, ...look } of history.reads) add(id, { state: undefined, ...look });
  for (const { attempts } of history.effects) {
    for (const { id, verdict, replayed, startMs, endMs, state, status = 0 } of attempts) {
      if (id !== undefined && verdict === "ok" && replayed !== true) add(id, { startMs, endMs, state, status });
    }
  }
  return [...looks].flatMap(([id, seen]) => backward(id, seen));
}

function backward(id: string, looks: readonly Look[]): Finding[] {
  const inOrder = looks.toSorted((one, other) => one.endMs - other.endMs);
  return inOrder.flatMap((earlier, at) =>
    inOrder.slice(at + 1).flatMap((later): Finding[] => {
      if (later.startMs < earlier.endMs || earlier.state === undefined) return [];
      if (later.state === undefined)
        return [{ invariant: "I-2", what: `${id} was ${earlier.state}, then gave ${later.status}` }];
      if (mayFollow(id, earlier.state, later.state)) return [];
      return [{ invariant: "I-5", what: `${id} went from ${earlier.state} back to ${later.state}` }];
    }),
  );
}
