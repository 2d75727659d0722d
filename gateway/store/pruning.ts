import { setTimeout as sleep } from "node:timers/promises";
import { maxPruneSliceRows as maxRows, maxPruneSlices, pruneRests } from "./limits.ts";
import type { Pruned, Retention } from "./store.ts";
import type { Engine } from "./units.ts";

/** Store.prune over an engine: slice after slice, each a commit of its own, so that others' work comes between. */
export async function prune(engine: Engine, nowMs: number, retention: Retention): Promise<Pruned> {
  const gone: Pruned = { nonces: 0, claims: 0, events: 0, resources: 0, quarantined: 0 };
  const { eventsMs, resourcesMs, finalStatuses = {}, quarantineMs } = retention;

  await slices(async () => {
    const went = await engine.run("prune", { nowMs, maxRows });
    gone.nonces += went.nonces;
    gone.claims += went.claims;
    return went.nonces === maxRows || went.claims === maxRows;
  });
  if (eventsMs !== undefined) {
    let afterSeq = 0;
    await slices(async () => {
      const { events, lastSeq } = await engine.run("pruneEvents", { beforeMs: nowMs - eventsMs, afterSeq, maxRows });
      gone.events += events;
      afterSeq = lastSeq ?? afterSeq;
      return lastSeq !== null;
    });
  }
  if (resourcesMs !== undefined) {
    for (const [kind, statuses] of Object.entries(finalStatuses)) {
      for (const status of statuses) {
        await slices(async () => {
          const slice = { kind, status, beforeMs: nowMs - resourcesMs, nowMs, maxRows };
          const { resources } = await engine.run("pruneResources", slice);
          gone.resources += resources;
          return resources === maxRows;
        });
      }
    }
  }
  if (quarantineMs !== undefined) {
    await slices(async () => {
      const { quarantined } = await engine.run("pruneQuarantine", { beforeMs: nowMs - quarantineMs, maxRows });
      gone.quarantined += quarantined;
      return quarantined === maxRows;
    });
  }
  return gone;
}

/** Runs a slice until it says that no more is to go, or as often as one prune may. */
async function slices(one: () => Promise<boolean>): Promise<void> {
  for (let slice = 0; slice < maxPruneSlices; slice += 1) {
    const startedMs = performance.now();
    if (!(await one())) return;
    await sleep((performance.now() - startedMs) * pruneRests);
  }
}
