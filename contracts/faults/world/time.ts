/**
 * Virtual time: one queue of everything that is going to happen, in this process, in order of time. Nothing sleeps; the
 * next event's time is now. The gateway's own timers are events too (timers.ts), owned by the instance that set them, so
 * that the death of an instance takes them along.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { setImmediate as nextTurn } from "node:timers";

/** Whose an event is: an instance of the gateway, or undefined for the world outside. */
export type Owner = object;

interface Event {
  atMs: number;
  /** Decides between events of one time. */
  rank: number;
  number: number;
  owner: Owner | undefined;
  run(): unknown;
  cancelled: boolean;
}

export interface Handle {
  cancel(): void;
}

/** Turns of the event loop in which what follows from an event comes to rest: continuations are microtasks only. */
const restTurns = 2;

export class VirtualTime {
  readonly #heap: Event[] = [];
  readonly #owner = new AsyncLocalStorage<Owner>();
  readonly #rank: () => number;
  readonly #frozenUntilMs = new WeakMap<Owner, number>();
  #nowMs: number;
  #number = 0;

  /** `rank` breaks ties between events of one millisecond; a constant keeps them in the order in which they were made. */
  constructor(startMs: number, rank: () => number = () => 0) {
    this.#nowMs = startMs;
    this.#rank = rank;
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  /** The instance on whose behalf the code now runs. */
  get owner(): Owner | undefined {
    return this.#owner.getStore();
  }

  /** Runs code on behalf of an instance: the timers that it sets are the instance's. */
  as<T>(owner: Owner | undefined, work: () => T): T {
    return owner === undefined ? this.#owner.exit(work) : this.#owner.run(owner, work);
  }

  /** `owner`: who takes the event along when it dies; the world outside when undefined. */
  after(delayMs: number, owner: Owner | undefined, run: () => unknown): Handle {
    this.#number += 1;
    // Whole milliseconds, as the timers of the process.
    const atMs = this.#nowMs + Math.max(0, Math.ceil(delayMs));
    const event: Event = { atMs, rank: this.#rank(), number: this.#number, owner, run, cancelled: false };
    push(this.#heap, event);
    return { cancel: () => void (event.cancelled = true) };
  }

  /** A pause for code of the world outside. */
  pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => this.after(delayMs, undefined, resolve));
  }

  /** The instance is dead: what it was going to do does not happen. */
  drop(owner: Owner): void {
    for (const event of this.#heap) if (event.owner === owner) event.cancelled = true;
  }

  /** The instance stands still (a stopped process, a machine moved): what is its own happens after that, in the same order. */
  freeze(owner: Owner, forMs: number): void {
    this.#frozenUntilMs.set(owner, this.#nowMs + forMs);
  }

  #thawsAtMs({ owner }: Event): number {
    return owner === undefined ? 0 : (this.#frozenUntilMs.get(owner) ?? 0);
  }

  /** Lets the next event happen and what follows from it come to rest; false when nothing is to come. */
  async step(untilMs: number = Infinity): Promise<boolean> {
    let event = this.#heap[0];
    while (event?.cancelled) {
      pop(this.#heap);
      event = this.#heap[0];
    }
    if (event === undefined || event.atMs > untilMs) return false;
    pop(this.#heap);
    this.#nowMs = Math.max(this.#nowMs, event.atMs);
    const thawsAtMs = this.#thawsAtMs(event);
    if (thawsAtMs > this.#nowMs) {
      // A number of its own keeps the order in which they were due.
      this.#number += 1;
      push(this.#heap, Object.assign(event, { atMs: thawsAtMs, rank: 0, number: this.#number }));
      return true;
    }
    await this.as(event.owner, event.run);
    for (let turn = 0; turn < restTurns; turn += 1) await new Promise<void>((resolve) => nextTurn(resolve));
    return true;
  }

  /** Runs until `done` holds or the time has come; false in the latter case. */
  async run(done: () => boolean, untilMs: number): Promise<boolean> {
    while (!done()) if (!(await this.step(untilMs))) return done();
    return true;
  }
}

function before(a: Event, b: Event): boolean {
  if (a.atMs !== b.atMs) return a.atMs < b.atMs;
  return a.rank === b.rank ? a.number < b.number : a.rank < b.rank;
}

function push(heap: Event[], event: Event): void {
  let at = heap.length;
  while (at > 0) {
    const up = (at - 1) >> 1;
    const parent = heap[up] as Event;
    if (!before(event, parent)) break;
    heap[at] = parent;
    at = up;
  }
  heap[at] = event;
}

function pop(heap: Event[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let at = 0;
  for (;;) {
    let down = 2 * at + 1;
    if (down >= heap.length) break;
    if (down + 1 < heap.length && before(heap[down + 1] as Event, heap[down] as Event)) down += 1;
    if (!before(heap[down] as Event, last)) break;
    heap[at] = heap[down] as Event;
    at = down;
  }
  heap[at] = last;
}
