/** Callbacks from vendors: verified by the adapter on the raw bytes, then one step forward of one resource. */
import { createHash, randomBytes } from "node:crypto";
import type {
  Acknowledgement,
  CallbackCall,
  CallbackRequest,
  CallbackResult,
  Callbacks,
  CallbackVerdict,
  CapabilityName,
  Done,
  Fault,
  NotDone,
  OperationId,
} from "#capability";
import type { LoadedAdapter } from "#outbound";
import type { ResourceRow } from "#store";
import { lanes, moveForward, stored, within } from "../operations/index.ts";
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

const inLane = lanes();

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
  const judged = await judge(ports, adapter, callbacks, request, context);
  if ("outcome" in judged) return said(callbacks, ...failure(judged.fault));
  if (judged.verdict === "refused") {
    const outcome = said(callbacks, { result: "refused" }, judged.why);
    return { ...outcome, acknowledgement: { ...outcome.acknowledgement, status: 401 } };
  }
  if (judged.verdict === "ignored") return said(callbacks, { result: "ignored" }, judged.why);
  const row = await find(ports, adapter, judged.capability, judged.handle);
  if (row === undefined) {
    await quarantine(ports, adapter, request, "unmatched");
    return said(callbacks, { result: "unmatched" }, `no ${judged.capability} for this callback`);
  }
  const outcome = await inLane(row.id, () => receive(ports, adapter, callbacks, judged, row.id, context));
  if (!("fault" in outcome)) return said(callbacks, outcome);
  const [result, why] = failure(outcome.fault);
  if (result.result === "refused") await quarantine(ports, adapter, request, outcome.fault.code);
  return said(callbacks, result, why);
}

/** The adapter's judgement on the raw bytes, within the deadline of a `get` of the adapter's. */
function judge(
  ports: OperationPorts,
  adapter: LoadedAdapter,
  callbacks: Callbacks<unknown>,
  request: CallbackRequest,
  context: CallbackContext,
): Promise<CallbackVerdict | NotDone> {
  const operationId = `${Object.keys(adapter.manifest.capabilities)[0]}.get` as OperationId;
  const nobody = { ...context, partner: "" };
  return within(
    ports,
    { request: nobody, operationId, adapter, id: "", reference: "", input: noInput, parents: {} },
    async (_call, vendor) => await callbacks.verify(request, { config: adapter.config, now: ports.now(), vendor }),
  );
}

/** One step forward of one resource, read anew inside its lane. */
async function receive(
  ports: OperationPorts,
  adapter: LoadedAdapter,
  callbacks: Callbacks<unknown>,
  { capability, event }: Extract<CallbackVerdict, { verdict: "verified" }>,
  id: string,
  context: CallbackContext,
): Promise<CallbackResult | NotDone> {
  const row = await ports.store.resource(id);
  const handler = callbacks.receive[capability] as Receive | undefined;
  if (row === undefined || handler === undefined) return { result: "ignored" };
  const outcome = await within(
    ports,
    {
      request: { ...context, partner: row.partner },
      operationId: `${capability}.get` as OperationId,
      adapter,
      id: row.id,
      reference: row.reference,
      input: noInput,
      resource: row,
      parents: {},
    },
    (call, vendor) => handler({ ...call, event } as never, vendor),
  );
  if (outcome.outcome !== "done") return outcome;
  const moved = await moveForward(ports, row, outcome as Done<Record<string, unknown>>, "callback");
  return { result: "accepted", resource: { id: moved.id, ...stored(moved) } };
}

const noInput = { path: {}, query: {}, body: undefined };

function said(callbacks: Callbacks<unknown>, result: CallbackResult, why?: string): CallbackOutcome {
  const acknowledgement = callbacks.acknowledge(result);
  return { acknowledgement, result: result.result, ...(why === undefined ? {} : { why }) };
}

/** Genuine, but about nothing we know or not as we know it: kept for a person to see, once however often it is repeated. */
async function quarantine(
  ports: OperationPorts,
  adapter: LoadedAdapter,
  request: CallbackRequest,
  why: string,
): Promise<void> {
  const { method, target, headers, body } = request;
  await ports.store.quarantine({
    id: `qua_${randomBytes(12).toString("hex")}`,
    adapter: adapter.manifest.name,
    why,
    digest: createHash("sha256").update(`${method} ${target}\n`).update(body).digest("hex"),
    request: { method, target, headers, body: body.toString("base64") },
    firstAtMs: ports.now().getTime(),
  });
  ports.alarm("callback quarantined", { adapter: adapter.manifest.name, why });
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
