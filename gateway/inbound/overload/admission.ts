import { fairShare } from "./fair-share.ts";
import { overloadLimits } from "./limits.ts";
import type { OverloadLimits } from "./limits.ts";

export interface Admission {
  /** Whether a request is taken, by the key that it claims; before anything else is done for it. */
  takes(claimed: string): boolean;
  /** The claim was true: from now on the request counts against its key's share. */
  verified(keyid: string): void;
  /** Whether requests are being refused. */
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
 * Takes what can be done, by the one sign that a single thread has of too much work: its event loop comes late. While it does, fewer
 * requests a window are taken (additive increase, multiplicative decrease), and those are shared max-min fairly: a partner who asks
 * for less than its share gets all of it, whatever the others do. Claims are believed only as far as they harm nobody: a
 * forged one counts against no share.
 */
export function createAdmission(ports: AdmissionPorts, overrides: Partial<OverloadLimits> = {}): Admission {
  const limits = { ...overloadLimits, ...overrides };
  let limit = Infinity;
  let share = Infinity;
  let taken = 0;
  let calm = 0;
  let late = 0;
  let demand = new Map<string, number>();
  let used = new Map<string, number>();
  let leastLagMs = Infinity;
  let loop = performance.eventLoopUtilization();
  let windowEndsMs = performance.now() + limits.windowMs;
  let dueMs = performance.now() + limits.tickMs;

  const add = (to: Map<string, number>, key: string): void => void to.set(key, (to.get(key) ?? 0) + 1);

  const adapt = (): void => {
    const wasShedding = limit !== Infinity;
    const { utilization } = performance.eventLoopUtilization(performance.eventLoopUtilization(), loop);
    loop = performance.eventLoopUtilization();
    // Late without being busy is the machine's doing: refusing would help nobody.
    const isLate = leastLagMs > limits.targetLagMs && utilization >= limits.busyShare;
    late = isLate ? late + 1 : 0;
    if (late >= limits.lateWindows) {
      const cut = leastLagMs > 2 * limits.targetLagMs ? limits.cutFar : limits.cutNear;
      limit = Math.max(limits.minTakenPerWindow, Math.floor(Math.min(limit, taken) * cut));
      calm = 0;
    } else if (wasShedding && !isLate) {
      calm = taken < limit ? calm + 1 : 0;
      limit = calm >= limits.calmWindows ? Infinity : Math.ceil(limit * limits.growth);
    }
    share = limit === Infinity ? Infinity : fairShare(limit, [...demand.values()]);
    if (wasShedding !== (limit !== Infinity)) ports.onChange?.(!wasShedding);
  };

  const timer = setInterval(() => {
    const nowMs = performance.now();
    leastLagMs = Math.min(leastLagMs, Math.max(0, nowMs - dueMs));
    dueMs = nowMs + limits.tickMs;
    if (nowMs < windowEndsMs) return;
    adapt();
    demand = new Map();
    used = new Map();
    taken = 0;
    leastLagMs = Infinity;
    windowEndsMs = nowMs + limits.windowMs;
  }, limits.tickMs).unref();

  return {
    takes(claimed) {
      const key = ports.isKnown(claimed) ? claimed : nobody;
      add(demand, key);
      const had = used.get(key) ?? 0;
      // Who was not there a window ago, or asks for little, finds room that those who ask for much cannot fill.
      const isFull = taken >= limit && (had >= limit / demand.size || taken >= limit * limits.reserve);
      if (isFull || had >= share) return false;
      taken += 1;
      if (key === nobody) add(used, nobody);
      return true;
    },
    verified: (keyid) => add(used, keyid),
    isShedding: () => limit !== Infinity,
    stop: () => clearInterval(timer),
  };
}
