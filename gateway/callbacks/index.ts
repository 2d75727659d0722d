/** Callbacks from vendors: verified by the adapter on the raw bytes, then one step forward of one resource. */
import type {
  Acknowledgement,
  CallbackCall,
  CallbackRequest,
  CallbackResult,
  CapabilityName,
  Done,
  Fault,
  NotDone,
  OperationId,
} from "#capability";
import type { LoadedAdapter } from "#outbound";
import type { ResourceRow } from "#store";
import { moveForward, stored, within } from "../operations/index.ts";
import type { OperationPorts } from "../operations/index.ts";

export interface CallbackContext {
  requestId: string;
  traceparent: string;
}

export interface CallbackOutcome {
  acknowledgement: Acknowledgement;
  result: CallbackResult["result"];
  /** For the operator. */
  why?: string;
}

/** Takes one callback for one adapter and says what the vendor is answered. Nothing moves unless it was verified. */
export async function takeCallback(
  ports: OperationPorts,
  adapter: LoadedAdapter,
  request: CallbackRequest,
  context: CallbackContext,
): Promise<CallbackOutcome> {
  const { callbacks } = adapter.manifest;
  if (callbacks === undefined)
    return { acknowledgement: { status: 404 }, result: "refused", why: "takes no callbacks" };
  const answer = (result: CallbackResult, why?: string): CallbackOutcome => ({
    acknowledgement: callbacks.acknowledge(result),
    result: result.result,
    ...(why === undefined ? {} : { why }),
  });
  const asker = { ...context, partner: "" };
  const base = {
    request: asker,
    adapter,
    id: "",
    reference: "",
    input: { path: {}, query: {}, body: undefined },
    parents: {},
  };
  const verdict = await within(
    ports,
    { ...base, operationId: firstGet(adapter) },
    async (_call, vendor) => await callbacks.verify(request, { config: adapter.config, now: ports.now(), vendor }),
  );
  if ("outcome" in verdict) return answer(...failure(verdict.fault));
  if (verdict.verdict !== "verified") return answer({ result: verdict.verdict }, verdict.why);
  const row = await find(ports, adapter, verdict.capability, verdict.handle);
  if (row === undefined) return answer({ result: "unmatched" }, `no ${verdict.capability} for this callback`);
  const receive = callbacks.receive[verdict.capability] as Receive | undefined;
  if (receive === undefined) return answer({ result: "ignored" }, `no receive for ${verdict.capability}`);
  const outcome = await within(
    ports,
    {
      ...base,
      request: { ...context, partner: row.partner },
      operationId: `${verdict.capability}.get` as OperationId,
      id: row.id,
      reference: row.reference,
      resource: row,
    },
    (call, vendor) => receive({ ...call, event: verdict.event } as never, vendor),
  );
  if (outcome.outcome !== "done") return answer(...failure(outcome.fault));
  const moved = await moveForward(ports, row, outcome as Done<Record<string, unknown>>, "callback");
  return answer({ result: "accepted", resource: { id: moved.id, ...stored(moved) } });
}

type Receive = (call: CallbackCall<CapabilityName, unknown>, vendor: unknown) => Promise<Done<unknown> | NotDone>;

/** A definite no (wrong amount, unknown state) is not asked for again; what may pass is. */
function failure(fault: Fault): [CallbackResult, string] {
  const refused = fault.outcome === "rejected" || fault.code === "vendor_invalid_answer";
  return [{ result: refused ? "refused" : "failed" }, `${fault.code}: ${fault.message}`];
}

async function find(
  ports: OperationPorts,
  adapter: LoadedAdapter,
  capability: CapabilityName,
  handle: string,
): Promise<ResourceRow | undefined> {
  const row =
    (await ports.store.resourceByReference(handle)) ??
    (await ports.store.resourceByHandle(adapter.manifest.name, handle));
  return row?.adapter === adapter.manifest.name && row.kind === capability ? row : undefined;
}

/** Verifying happens within the deadline of a `get` of the adapter's. */
function firstGet(adapter: LoadedAdapter): OperationId {
  return `${Object.keys(adapter.manifest.capabilities)[0]}.get` as OperationId;
}
