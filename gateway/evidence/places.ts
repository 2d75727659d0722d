/** Room for entries that are not stored yet. A place is taken before a call does anything, so that none is lost after. */

/** One call's room. It is given back when its entry is stored. */
export interface Place {
  readonly taken: true;
}

export interface Places {
  /** A place, at once or when one comes free within `waitMs`; undefined after that. */
  take(waitMs: number): Promise<Place | undefined>;
  /** A place if there is one now and nobody waits for it. */
  takeNow(): Place | undefined;
  give(places: readonly Place[]): void;
  full(): boolean;
}

export function createPlaces(max: number): Places {
  const out = new Set<Place>();
  const waiting = new Set<(place: Place) => void>();
  const make = (): Place => {
    const place: Place = { taken: true };
    out.add(place);
    return place;
  };
  const full = (): boolean => out.size >= max;
  const takeNow = (): Place | undefined => (full() || waiting.size > 0 ? undefined : make());
  return {
    full,
    takeNow,
    take(waitMs) {
      const place = takeNow();
      if (place !== undefined) return Promise.resolve(place);
      return new Promise((resolve) => {
        const settle = (given?: Place): void => {
          clearTimeout(timer);
          waiting.delete(settle);
          resolve(given);
        };
        const timer = setTimeout(() => settle(), waitMs);
        waiting.add(settle);
      });
    },
    give(places) {
      for (const place of places) out.delete(place);
      for (const settle of waiting) {
        if (full()) return;
        settle(make());
      }
    },
  };
}
