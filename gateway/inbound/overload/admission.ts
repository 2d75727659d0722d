import { fairShare } from "./fair-share.ts";
import { overloadLimits } from "./limits.ts";
import type { OverloadLimits } from "./limits.ts";

export interface Admission {
  /** Whether a request is taken, by the key that it claims; before anything else is done for it. */
  takes(claimed: string): boolean;
  /** A request that was taken has been answered, or its caller has gone. */
  ended(): void;
  /** The claim was true: from now on the request counts against its key's share. */
  verified(keyid: string): void;
  /** Whether requests may be refused. */
  isShedding(): boolean;
  stop(): void;
}

export interface AdmissionPorts {
  /** Keys that do not exist share one place, so that inventing them gains nothing. */
  isKnown(keyid: string): boolean;
  /** Told when refusing begins and when it ends. */
  onChange?(shedding: boolean): void;
}

const nobody = "";

/**
 * Takes what can be done, by the one sign that a single thread has of too much work: its event loop comes late. From then on only
 * so many calls are under way at a time, and what is done in a window is shared max-min fairly in the next: a partner who asks
 * for less than its share gets all of it, whatever the others do. Claims are believed only as far as they harm nobody: a forged
 * one counts against no share.
 */
export function createAdmission(ports: AdmissionPorts, overrides: Partial<OverloadLimits> = {}): Admission {
  const limits = { ...overloadLimits, ...overrides };
  let shedding = false;
  let share = Infinity;
  let inFlight = 0;
  let done = 0;
  let refused = 0;
  let calm = 0;
  let late = 0;
  let demand = new Map<string, number>();
  let used = new Map<string, number>();
  let leastLagMs = Infinity;
  let loop = performance.eventLoopUtilization();
  let windowEndsMs = performance.now() + limits.windowMs;
  let dueMs = performance.now() + limits.tickMs;

  const add = (to: Map<string, number>, key: string): void => void to.set(key, (to.get(key) ?? 0) + 1);

  const isLate = (): boolean => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, loop);
    loop = now;
    // Late without being busy is the machine's doing: refusing would help nobody.
    return leastLagMs > limits.targetLagMs && utilization >= limits.busyShare;
  };

  const adapt = (): void => {
    late = isLate() ? late + 1 : 0;
    calm = late === 0 && refused === 0 ? calm + 1 : 0;
    const next = shedding ? calm < limits.calmWindows : late >= limits.lateWindows;
    if (next !== shedding) ports.onChange?.(next);
    shedding = next;
    share = fairShare(Math.max(limits.minPerWindow, Math.ceil(done * limits.growth)), [...demand.values()]);
  };

  const timer = setInterval(() => {
    const nowMs = performance.now();
    leastLagMs = Math.min(leastLagMs, Math.max(0, nowMs - dueMs));
    dueMs = nowMs + limits.tickMs;
    if (nowMs < windowEndsMs) return;
    adapt();
    demand = new Map();
    used = new Map();
    done = refused = 0;
    leastLagMs = Infinity;
    windowEndsMs = nowMs + limits.windowMs;
  }, limits.tickMs).unref();

  /** Above the bound a part is kept for those who were not there a window ago, or ask for little. */
  const hasRoom = (had: number): boolean =>
    inFlight < limits.maxInFlight ||
    (inFlight < limits.maxInFlight * limits.reserve && had < limits.maxInFlight / demand.size);

  return {
    takes(claimed) {
      const key = ports.isKnown(claimed) ? claimed : nobody;
      add(demand, key);
      const had = used.get(key) ?? 0;
      if (shedding && (had >= share || !hasRoom(had))) {
        refused += 1;
        return false;
      }
      inFlight += 1;
      if (key === nobody) add(used, nobody);
      return true;
    },
    ended() {
      inFlight -= 1;
      done += 1;
    },
    verified: (keyid) => add(used, keyid),
    isShedding: () => shedding,
    stop: () => clearInterval(timer),
  };
}
