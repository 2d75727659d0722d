import { StoreError } from "#store";
import type { Store } from "#store";
import { sqliteLimits } from "#store";
import { strike } from "./place.ts";
import type { Place } from "./place.ts";

/** How long after its caller has given up a unit that hung is committed all the same. */
const lateCommitMs = 1_000;
const slowMs = 3_000;

type Unit = (...input: unknown[]) => Promise<unknown>;

/** The real store behind the port: each unit takes its time, may fail before or after, hang, or be the process's last. */
export function storePort(store: Store, place: Place): Store {
  const due = new Map<number, (() => Promise<void>)[]>();
  /** Units of one instance and moment reach the engine in one turn, thus in one commit. */
  const enqueue = (delayMs: number, job: () => Promise<void>): void => {
    const atMs = place.time.nowMs + delayMs;
    const jobs = due.get(atMs);
    if (jobs !== undefined) return void jobs.push(job);
    due.set(atMs, [job]);
    place.time.after(delayMs, place.owner, () => {
      const batch = due.get(atMs) ?? [];
      due.delete(atMs);
      return Promise.all(batch.map((each) => each()));
    });
  };

  const unit =
    (name: string, real: Unit): Unit =>
    (...input) =>
      new Promise((resolve, reject) => {
        if (!place.alive()) return;
        const run = async (after?: () => void): Promise<void> => {
          const settle = await real(...input).then(
            (value) => () => resolve(value),
            (error: unknown) => () => reject(error),
          );
          if (after !== undefined) after();
          else if (place.alive()) settle();
        };
        const lost = () => reject(new StoreError("store_unavailable", "the answer was lost", "unknown"));
        const legMs = place.weather.legMs("store");
        const fault = strike(place, { port: "store", what: name });
        switch (fault) {
          case "fails_before":
            place.time.after(legMs, place.owner, () =>
              reject(new StoreError("store_unavailable", "the engine is away")),
            );
            return;
          case "fails_after":
            return enqueue(legMs, () => run(lost));
          case "hangs":
            place.time.after(sqliteLimits.deadlineMs, place.owner, lost);
            return enqueue(sqliteLimits.deadlineMs + lateCommitMs, () => run(() => {}));
          case "slow":
            return enqueue(slowMs, run);
          case "dies_before":
            place.time.after(legMs, place.owner, () => place.die());
            return;
          case "dies_after":
            return enqueue(legMs, () => run(() => place.die()));
          default:
            return enqueue(legMs, run);
        }
      });

  return new Proxy(store, {
    get(target, name: string) {
      const real = Reflect.get(target, name) as unknown;
      if (typeof real !== "function" || name === "close") return real;
      return unit(name, (real as Unit).bind(target));
    },
    // The webhooks' room spreads the store to wrap two of its methods.
    ownKeys: (target) => Reflect.ownKeys(target),
  });
}
