import { front } from "./front.ts";
import { failedWith, grouped, repeated } from "./pg-batch.ts";
import { beginGroup } from "./pg-claims.ts";
import { auditSend } from "./pg-evidence.ts";
import { handlers, wayOf, type GroupedName, type SingleName } from "./pg-handlers.ts";
import type { PostgresLimits } from "./pg-limits.ts";
import type { Link, Run } from "./pg-link.ts";
import { advanceGroup, completeGroup } from "./pg-movements.ts";
import { nonceGroup } from "./pg-nonces.ts";
import { resourceGroup } from "./pg-resources.ts";
import type { Engine, Outcome, Unit, UnitName, Units } from "./units.ts";

/**
 * The engine: a lane for each kind of unit that is batched into one statement, one for other reads, one for other work. Each
 * lane is a front with its queue, bound and deadline, and at most one batch under way; so what waits for a lock in one
 * holds up no other, and reads always pass.
 */
export function lanes(link: Link, limits: PostgresLimits): Engine {
  const lane = (send: (units: Unit[]) => Promise<Outcome[]>): Engine => front(send, async () => {}, limits);
  const batched: Record<GroupedName, Engine> = {
    begin: lane(grouped(link, beginGroup, limits)),
    complete: lane(grouped(link, completeGroup, limits)),
    advance: lane(grouped(link, advanceGroup, limits)),
    claimNonce: lane(grouped(link, nonceGroup, limits)),
    resource: lane(grouped(link, resourceGroup, limits)),
    appendAudit: lane(auditSend(link)),
  };
  const single = (units: Unit[]): Promise<Outcome[]> => Promise.all(units.map((unit) => alone(link, unit, limits)));
  const reads = lane(single);
  const work = lane(single);
  const laneOf = (name: UnitName): Engine => {
    if (isGrouped(name)) return batched[name];
    return wayOf(name) === "read" ? reads : work;
  };
  const isGrouped = (name: UnitName): name is GroupedName => name in batched;

  let closing: Promise<void> | undefined;
  return {
    run: (name, input) => laneOf(name).run(name, input),
    close() {
      closing ??= (async () => {
        await Promise.all([...Object.values(batched), reads, work].map((each) => each.close()));
        await link.close();
      })();
      return closing;
    },
  };
}

/** One unit in a transaction of its own; several of them share the server's next flush of its log. */
async function alone(link: Link, unit: Unit, limits: PostgresLimits): Promise<Outcome> {
  const name = unit.name as SingleName;
  const work = (run: Run) => handled(run, name, unit.input as Units[typeof name]["input"]);
  try {
    const untilMs = performance.now() + limits.retryWindowMs;
    return { ok: true, output: await repeated(() => link[wayOf(name)](work), untilMs, limits.maxRuns) };
  } catch (thrown) {
    return failedWith(thrown);
  }
}

function handled<Name extends SingleName>(run: Run, name: Name, input: Units[Name]["input"]) {
  return handlers[name](run, input);
}
