import type { CapabilityName, Done, OperationId } from "#capability";
import { Problem } from "#problem";
import type { ResourceRow } from "#store";
import { eventFor } from "./event.ts";
import { givenTwice, isGivenTwice } from "./given-twice.ts";
import { handlerOf, invoke } from "./invoke.ts";
import { loadParents } from "./parents.ts";
import { stored } from "./rows.ts";
import { firstAsk } from "./schedule.ts";
import { isFinal, mayMove } from "./states.ts";
import type { OperationPorts, OperationRequest, OperationTrace } from "./types.ts";

type Asker = Pick<OperationRequest, "requestId" | "traceparent" | "partner">;

/**
 * Asks the vendor what became of a resource that is not final, by the capability's `get`, and moves it forward. A vendor
 * that cannot be asked now leaves it as it stands.
 */
export async function refresh(
  ports: OperationPorts,
  request: Asker,
  row: ResourceRow,
  trace: OperationTrace = {},
): Promise<ResourceRow> {
  const capability = row.kind as CapabilityName;
  const operationId = `${capability}.get` as OperationId;
  const adapter = ports.routing.adapter(row.adapter);
  trace.adapter = row.adapter;
  trace.outcome = "stored";
  if (adapter === undefined || isFinal(capability, row.status)) return row;
  if (typeof handlerOf(adapter, operationId) !== "function") return row;
  const outcome = await invoke(ports, {
    request,
    operationId,
    adapter,
    id: row.id,
    reference: row.reference,
    input: { path: {}, query: {}, body: undefined },
    resource: row,
    parents: await parentsOf(ports, row),
  });
  trace.outcome = outcome.outcome;
  if (outcome.outcome !== "done") {
    trace.error = outcome.fault;
    if (outcome.fault.vendor !== undefined) trace.vendorCode = outcome.fault.vendor.code;
    return row;
  }
  return moveForward(ports, row, outcome, "asked");
}

/** The resources named in the creating request, e.g. the instalment of a refund. */
function parentsOf(ports: OperationPorts, row: ResourceRow) {
  return loadParents(ports, {
    partner: row.partner,
    operationId: row.operationId as OperationId,
    input: { path: {}, query: {}, body: stored(row).request },
    requestId: "",
    traceparent: "",
  });
}

/** Lost races against other callbacks and asks; past them the one who asks again finds it moved. */
const maxMoveAttempts = 10;

function sameJson(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** Applies what the vendor said, forward only: a step back, or one that the state machine lacks, changes nothing. */
export async function moveForward(
  ports: OperationPorts,
  from: ResourceRow,
  done: Done<Record<string, unknown>>,
  cause: string,
): Promise<ResourceRow> {
  const capability = from.kind as CapabilityName;
  const status = String(done.body["status"]);
  const violation = ports.checkAnswer(`${capability}.get` as OperationId, 200, done.body);
  if (violation !== undefined) {
    ports.alarm("adapter's resource breaks the contract", { capability, adapter: from.adapter, violation });
    return from;
  }
  let row = from;
  for (let attempt = 1; attempt <= maxMoveAttempts; attempt += 1) {
    const same = row.status === status;
    if (!same && !mayMove(capability, row.status, status)) {
      // Callbacks come late and out of order, and what was asked may be overtaken; anything else that goes backward is a fault
      // of the vendor's or of an adapter's.
      if (cause !== "callback" && attempt === 1)
        ports.alarm("backward move refused", { id: row.id, from: row.status, to: status, cause });
      return row;
    }
    if (same && sameJson(stored(row).body, done.body) && sameJson(row.state, done.state ?? row.state)) return row;
    const event = eventFor({ capability, from: row.status, to: status, body: done.body, answered: false });
    const moved = await advanced(ports, row, {
      id: row.id,
      expectedVersion: row.version,
      status,
      body: { ...stored(row), body: done.body },
      ...(done.state === undefined ? {} : { state: done.state }),
      ...(done.handles === undefined ? {} : { handles: done.handles }),
      cause,
      ...firstAsk(ports, capability, status),
      ...(event === undefined ? {} : { event }),
      nowMs: ports.now().getTime(),
    });
    if (moved === "refused") return row;
    const latest = await ports.store.resource(row.id);
    if (latest === undefined) return row;
    row = latest;
    if (moved) return row;
  }
  throw new Problem("store_unavailable", { detail: `${from.id} is being moved by others.` });
}

/** Whether it moved; `refused` when the vendor contradicts itself: the resource stays as it is, and is asked about again. */
async function advanced(
  ports: OperationPorts,
  { id, adapter }: ResourceRow,
  movement: Parameters<OperationPorts["store"]["advance"]>[0],
): Promise<boolean | "refused"> {
  try {
    return await ports.store.advance(movement);
  } catch (error) {
    if (!isGivenTwice(error)) throw error;
    givenTwice(ports, { adapter, id }, error);
    return "refused";
  }
}
