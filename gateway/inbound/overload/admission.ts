import { watchLateness } from "./lateness.ts";
import { overloadLimits } from "./limits.ts";
import type { OverloadLimits } from "./limits.ts";
import { Places } from "./places.ts";
import type { Place } from "./places.ts";

export interface Admission {
  /**
   * A place for a request, before anything else is done for it, by the key that it claims and the partner that was proven last
   * on its connection; undefined when it is refused.
   */
  take(claimedKeyid: string, proven: string | undefined): Place | undefined;
  /** The answer to what was taken has left, or its caller has gone. */
  ended(place: Place): void;
  /** A request of this partner was seen to be its own. */
  verified(partner: string): void;
  /** Whether requests may be refused. */
  isShedding(): boolean;
  stop(): void;
}

export interface AdmissionPorts {
  /** Whose key it is. */
  partnerOf(keyid: string): string | undefined;
  /** Told when refusing begins and when it ends. */
  onChange?(shedding: boolean): void;
}

/** Where all claim together who have proven nothing lately: inventing keys, or collecting them, gains nothing. */
const strangers = "";

/**
 * Takes what can be done, by the one sign that a single thread has of too much work: its event loop comes late. From then on
 * there are two bounds, which grow again while the loop has time left. One is for calls taken in a window, and is shared
 * max-min fairly: a partner who asks for less than its share gets all of it, whatever the others do. One is for calls under
 * way: above it only those are taken who hold less than an even part, so that a flood, which fills every place, keeps nobody
 * out who asks for little. Together never more than twice the bound are under way.
 *
 * Before its signature is verified, a request's key is a claim. It counts as its partner's own only on a connection where the
 * call before has proven a key of that partner; other claims have places apart, and all of them together the part of one
 * partner. Who claims another's key therefore takes nothing from its proven connections; on new ones, its owner shares with
 * the claims of it.
 */
export function createAdmission(ports: AdmissionPorts, overrides: Partial<OverloadLimits> = {}): Admission {
  const limits = { ...overloadLimits, ...overrides };
  const lateness = watchLateness(limits);
  const places = new Places();
  const provenAtMs = new Map<string, number>();
  let shedding = false;
  let room: number = limits.minInFlight;
  let capacity: number = limits.minPerWindow;
  let inFlight = 0;
  let done = 0;
  const recentlyDone: number[] = [];
  let refused = 0;
  let calm = 0;
  let nowMs = performance.now();
  let windowEndsMs = nowMs + limits.windowMs;

  const change = (to: boolean): void => {
    shedding = to;
    calm = 0;
    capacity = limits.minPerWindow;
    ports.onChange?.(to);
  };

  const adapt = (): void => {
    recentlyDone.push(done);
    if (recentlyDone.length > limits.recentWindows) recentlyDone.shift();
    const { isLate, isBusy } = lateness.lately();
    if (!shedding) {
      if (!isBusy) room = Math.max(limits.minInFlight, inFlight);
    } else {
      const most = Math.max(limits.minPerWindow, ...recentlyDone) * limits.growth;
      const rise = !isBusy && refused > 0 ? limits.growth : 1;
      room = Math.max(limits.minInFlight, Math.ceil(room * (isLate ? limits.shrink : rise)));
      capacity = Math.ceil(isBusy ? most : Math.max(most, capacity * rise));
      calm = isLate || refused > 0 ? 0 : calm + 1;
      if (calm >= limits.calmWindows) change(false);
    }
    places.begin(shedding ? capacity : Infinity, room);
    done = refused = 0;
    windowEndsMs = nowMs + limits.windowMs;
  };

  const begin = (): void => {
    change(true);
    adapt();
  };

  const timer = setInterval(() => {
    nowMs = performance.now();
    lateness.tick(nowMs);
    const { forMs, ticks } = lateness.standing(nowMs);
    if (!shedding && forMs >= limits.lateForMs && ticks >= limits.lateTicks) begin();
    else if (nowMs >= windowEndsMs) adapt();
  }, limits.tickMs).unref();

  const placeFor = (claimedKeyid: string, proven: string | undefined): Place => {
    const claimed = ports.partnerOf(claimedKeyid) ?? strangers;
    if (claimed !== strangers && claimed === proven) return places.placeOf(claimed, true);
    const provenMs = provenAtMs.get(claimed);
    const isStranger = provenMs === undefined || nowMs - provenMs > limits.provenForMs;
    return places.placeOf(isStranger ? strangers : claimed, false);
  };

  return {
    take(claimedKeyid, proven) {
      const place = placeFor(claimedKeyid, proven);
      place.demand += 1;
      if (!shedding && inFlight >= room * limits.crowd && lateness.isNow()) begin();
      if (shedding && (places.isUsedUp(place) || (inFlight >= room && !places.holdsLittle(place)))) {
        refused += 1;
        return undefined;
      }
      place.used += 1;
      place.held += 1;
      inFlight += 1;
      return place;
    },
    ended(place) {
      place.held -= 1;
      inFlight -= 1;
      done += 1;
    },
    verified: (partner) => void provenAtMs.set(partner, nowMs),
    isShedding: () => shedding,
    stop: () => clearInterval(timer),
  };
}
