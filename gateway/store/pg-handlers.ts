import { anchor, ping, prune, pruneQuarantine, pruneResources } from "./pg-upkeep.ts";
import { attempts, backlog, deliveries, dueDeliveries, resend, settleDelivery } from "./pg-deliveries.ts";
import { addEndpoint, changeEndpoint, endpoint, endpoints, removeEndpoint } from "./pg-endpoints.ts";
import { addCheckpoint, auditOf, auditRows, chains, checkpoints } from "./pg-evidence.ts";
import { event, events, pruneEvents } from "./pg-events.ts";
import type { Run } from "./pg-link.ts";
import { asked, askNow, dueResources, quarantine, quarantined, stuck } from "./pg-recovery.ts";
import { release, reroute, resources, transitions } from "./pg-resources.ts";
import type { UnitName, Units } from "./units.ts";

/** Units of which many at once are one statement; each has a lane of its own. */
export type GroupedName = "begin" | "complete" | "advance" | "claimNonce" | "resource" | "appendAudit";

export type SingleName = Exclude<UnitName, GroupedName>;

type Handlers<Name extends UnitName> = {
  [Each in Name]: (run: Run, input: Units[Each]["input"]) => Promise<Units[Each]["output"]>;
};

const readers = {
  ping,
  resources,
  transitions,
  endpoint,
  endpoints,
  event,
  events,
  deliveries,
  attempts,
  backlog,
  stuck,
  quarantined,
  chains,
  auditRows,
  checkpoints,
  auditOf,
};

const statements = {
  reroute,
  asked,
  askNow,
  quarantine,
  pruneQuarantine,
  addEndpoint,
  changeEndpoint,
  addCheckpoint,
};

const transactions = {
  anchor,
  release,
  prune,
  pruneResources,
  pruneEvents,
  dueResources,
  removeEndpoint,
  dueDeliveries,
  settleDelivery,
  resend,
};

/** Units that go by themselves. */
export const handlers: Handlers<SingleName> = { ...readers, ...statements, ...transactions };

/** `read` changes nothing; `write` is one statement; `transaction` is several. */
export type Way = "read" | "write" | "transaction";

export function wayOf(name: SingleName): Way {
  if (name in readers) return "read";
  return name in statements ? "write" : "transaction";
}
