/**
 * Who may be sent to now: bounds over all hosts, for each host, and for kinds of hosts, so that those that hang keep at most
 * their share of the attempts under way and the prompt ones always find room.
 */
import type { DueDelivery } from "#store";
import type { RelayLimits } from "./limits.ts";

/** `new`: not spoken to yet; `slow`: the last attempt took long or ended at the deadline. */
type Pace = "new" | "prompt" | "slow";

interface Host {
  pace: Pace;
  inFlight: number;
  /** Leased, waiting for their turn. */
  held: DueDelivery[];
  endpoints: Set<string>;
}

/** A place in flight; `done` gives it back and tells for how long the host was waited for, and whether it answered. */
export interface Flight {
  due: DueDelivery;
  done(waitedMs: number, answered: boolean): void;
}

export class Hosts {
  readonly #limits: RelayLimits;
  readonly #hosts = new Map<string, Host>();
  readonly #inFlight: Record<Pace, number> = { new: 0, prompt: 0, slow: 0 };
  #held = 0;

  constructor(limits: RelayLimits) {
    this.#limits = limits;
  }

  /** How many more deliveries may be leased. */
  get room(): number {
    return Math.max(0, this.#limits.maxLeased - this.#held - this.#total);
  }

  /** Takes a leased delivery. One of a host that has no turn for it soon is let go: its lease runs out, and it is due again. */
  hold(due: DueDelivery): void {
    const host = this.#hostOf(due);
    host.endpoints.add(due.endpoint.id);
    if (host.pace === "slow" && host.inFlight + host.held.length >= 1) return;
    host.held.push(due);
    this.#held += 1;
  }

  /** Endpoints of which nothing more should be leased now. */
  saturated(): string[] {
    return [...this.#hosts.values()].flatMap((host) =>
      host.held.length > 0 || !this.#mayStart(host) ? [...host.endpoints] : [],
    );
  }

  /** The next one to send, if any may be. `usable` tells whether there is enough left of its lease. */
  next(usable: (due: DueDelivery) => boolean): Flight | undefined {
    for (const [name, host] of this.#hosts) {
      while (host.held.length > 0 && this.#mayStart(host)) {
        const due = host.held.shift();
        this.#held -= 1;
        if (due === undefined || !usable(due)) continue;
        // To the back of the line, so that the hosts take turns.
        this.#hosts.delete(name);
        this.#hosts.set(name, host);
        return this.#start(host, due);
      }
    }
    return undefined;
  }

  /** Lets go of what waits. */
  clear(): void {
    this.#hosts.clear();
    this.#held = 0;
  }

  get #total(): number {
    return this.#inFlight.new + this.#inFlight.prompt + this.#inFlight.slow;
  }

  #mayStart(host: Host): boolean {
    const { maxInFlight, maxInFlightPerHost, maxInFlightNew, maxInFlightSlow } = this.#limits;
    if (this.#total >= maxInFlight) return false;
    switch (host.pace) {
      case "prompt":
        return host.inFlight < maxInFlightPerHost;
      case "new":
        return host.inFlight < 1 && this.#inFlight.new < maxInFlightNew;
      case "slow":
        return host.inFlight < 1 && this.#inFlight.slow < maxInFlightSlow;
    }
  }

  #start(host: Host, due: DueDelivery): Flight {
    const { pace } = host;
    host.inFlight += 1;
    this.#inFlight[pace] += 1;
    return {
      due,
      done: (waitedMs, answered) => {
        host.inFlight -= 1;
        this.#inFlight[pace] -= 1;
        const slow = waitedMs > this.#limits.slowAfterMs;
        // One that refuses at once costs nothing, but has proven nothing either.
        host.pace = slow ? "slow" : answered ? "prompt" : host.pace;
        if (!slow) return;
        this.#held -= host.held.length;
        host.held = [];
      },
    };
  }

  #hostOf({ endpoint }: DueDelivery): Host {
    const name = URL.canParse(endpoint.url) ? new URL(endpoint.url).host : endpoint.url;
    const known = this.#hosts.get(name);
    if (known !== undefined) return known;
    const host: Host = { pace: "new", inFlight: 0, held: [], endpoints: new Set() };
    this.#hosts.set(name, host);
    return host;
  }
}
