import { fairShare } from "./fair-share.ts";

/** Who is counted as one: a partner on connections where it has proven itself, or unproven claims of its keys. */
export interface Place {
  readonly proven: boolean;
  /** Calls under way. */
  held: number;
  /** In this window: calls that came, and calls that were taken. */
  demand: number;
  used: number;
}

/** What each kind of place may have in this window, and how many calls under way are an even part for it. */
interface Part {
  share: number;
  even: number;
}

/** All places that hold or ask for something. */
export class Places {
  readonly #places = new Map<string, Place>();
  #proven: Part = { share: Infinity, even: Infinity };
  #claims: Part = { share: Infinity, even: Infinity };

  placeOf(name: string, proven: boolean): Place {
    const id = proven ? `+${name}` : `?${name}`;
    const known = this.#places.get(id);
    if (known !== undefined) return known;
    const place = { proven, held: 0, demand: 0, used: 0 };
    this.#places.set(id, place);
    return place;
  }

  /** Whether the place has had what it may have in this window. */
  isUsedUp({ proven, used }: Place): boolean {
    return used >= (proven ? this.#proven : this.#claims).share;
  }

  /** Whether the place holds less than an even part of what may be under way. */
  holdsLittle({ proven, held }: Place): boolean {
    return held < (proven ? this.#proven : this.#claims).even;
  }

  /**
   * Begins a window in which `capacity` calls may be taken and `room` be under way, by what was asked for in the last one.
   * All claims together count as one proven partner: who claims many gains nothing from those who have proven theirs.
   */
  begin(capacity: number, room: number): void {
    const demands = { proven: [] as number[], claims: [] as number[] };
    for (const [id, place] of this.#places) {
      if (place.demand > 0) demands[place.proven ? "proven" : "claims"].push(place.demand);
      else if (place.held === 0) this.#places.delete(id);
      place.demand = place.used = 0;
    }
    const { proven, claims } = demands;
    const claimed = claims.reduce((sum, demand) => sum + demand, 0);
    const share = fairShare(capacity, claimed === 0 ? proven : [...proven, claimed]);
    const even = room / Math.max(1, proven.length + Math.sign(claimed));
    this.#proven = { share, even };
    this.#claims = {
      share: claimed > share ? fairShare(share, claims) : Infinity,
      even: even / Math.max(1, claims.length),
    };
  }
}
