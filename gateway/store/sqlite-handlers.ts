import type { Sql } from "./sqlite-batch.ts";
import { begin, complete, release } from "./sqlite-claims.ts";
import { attempts, backlog, deliveries, dueDeliveries, resend, settleDelivery } from "./sqlite-deliveries.ts";
import { addEndpoint, changeEndpoint, endpoint, endpoints, removeEndpoint } from "./sqlite-endpoints.ts";
import { event, events, pruneEvents } from "./sqlite-events.ts";
import { addCheckpoint, appendAudit, auditOf, auditRows, chains, checkpoints } from "./sqlite-evidence.ts";
import { claimNonce } from "./sqlite-nonces.ts";
import { quarantine, quarantined } from "./sqlite-quarantine.ts";
import { asked, askNow, dueResources, stuck } from "./sqlite-recovery.ts";
import { advance, reroute, resource, resources, transitions } from "./sqlite-resources.ts";
import { anchor, ping, prune, pruneQuarantine, pruneResources } from "./sqlite-upkeep.ts";
import type { UnitName, Units } from "./units.ts";

type Handlers = {
  [Name in UnitName]: (sql: Sql, input: Units[Name]["input"]) => Units[Name]["output"];
};

/** What this engine does for each unit, within a transaction that its caller holds. */
export const handlers: Handlers = {
  anchor,
  begin,
  complete,
  release,
  resource,
  resources,
  transitions,
  advance,
  reroute,
  claimNonce,
  prune,
  ping,
  addEndpoint,
  endpoint,
  endpoints,
  changeEndpoint,
  removeEndpoint,
  event,
  events,
  deliveries,
  attempts,
  resend,
  dueDeliveries,
  settleDelivery,
  backlog,
  pruneEvents,
  dueResources,
  asked,
  askNow,
  stuck,
  quarantine,
  quarantined,
  pruneResources,
  pruneQuarantine,
  appendAudit,
  addCheckpoint,
  chains,
  auditRows,
  checkpoints,
  auditOf,
};

/** Units that change nothing: they need no write lock and no savepoint. */
export const readers: ReadonlySet<UnitName> = new Set<UnitName>([
  "resource",
  "resources",
  "transitions",
  "ping",
  "endpoint",
  "endpoints",
  "event",
  "events",
  "deliveries",
  "attempts",
  "backlog",
  "stuck",
  "quarantined",
  "chains",
  "auditRows",
  "checkpoints",
  "auditOf",
]);
