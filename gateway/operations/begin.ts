import { nameOf } from "#capability";
import type { CapabilityName } from "#capability";
import type { LoadedAdapter } from "#outbound";
import { operations } from "#specs";
import type { ResourceRow } from "#store";
import { Problem } from "#problem";
import { inAnswer } from "./act.ts";
import { deriveReference, newResourceId, resourceOf } from "./ids.ts";
import { loadParents } from "./parents.ts";
import { requireParents } from "./preconditions.ts";
import { refresh } from "./refresh.ts";
import { ownRow, stored } from "./rows.ts";
import { firstAsk } from "./schedule.ts";
import { isFinal, voidStatus } from "./states.ts";
import type { EffectRequest, Intent, OperationAnswer, OperationPorts, OperationRequest, Parents } from "./types.ts";

/** How long a claim and its answer are kept, and how long beyond the deadline an effect may be under way. */
export const claimLifetimeMs = 48 * 3_600_000;
export const leaseMarginMs = 5_000;

export type Begun =
  | { kind: "begun"; intent: Intent }
  | { kind: "answered"; answer: OperationAnswer; replayed: boolean };

/**
 * Decides everything about an effect and commits it before anything is sent: nonce, idempotency claim, resource id, adapter
 * and reference, in one durable unit. A finished twin is answered from the store.
 * Problems: `resource_not_found`, `operation_unsupported`, `idempotency_in_flight`, `idempotency_key_reused`,
 * `signature_replay`, `consent_not_authorised`, `resource_state_conflict`.
 */
export async function begin(ports: OperationPorts, request: EffectRequest): Promise<Begun> {
  const spec = operations[request.operationId];
  const { capability } = nameOf(request.operationId);
  const target = await addressed(ports, request);
  const parents = await loadParents(ports, request);
  const adapters = adaptersFor(ports, request, target, parents);
  const id = target?.id ?? newResourceId(capability);
  const reference = deriveReference({ ...request, id });
  const claimedAt = ports.now();
  const startedMs = performance.now();
  const nowMs = claimedAt.getTime();
  const leaseUntilMs = nowMs + spec.deadlineMs + leaseMarginMs;
  const result = await ports.store.begin({
    partner: request.partner,
    key: request.key,
    operationId: request.operationId,
    fingerprint: request.fingerprint,
    nonce: request.nonce,
    nowMs,
    claimExpiresAtMs: nowMs + claimLifetimeMs,
    leaseUntilMs,
    // Should this process die, recovery asks about what it leaves behind.
    ...(spec.creates
      ? { resource: { ...intentRow(request, capability, id, reference, adapters, nowMs), askAtMs: leaseUntilMs } }
      : { touch: { id, askAtMs: leaseUntilMs } }),
  });
  switch (result.kind) {
    case "claimed":
      return {
        kind: "begun",
        intent: await readied(ports, { request, id, reference, adapters, claimedAt, startedMs, target, parents }),
      };
    case "replay":
      return { kind: "answered", replayed: true, answer: result };
    case "in_flight":
      throw new Problem("idempotency_in_flight", { retryAfterSeconds: untilSeconds(result.leaseUntilMs - nowMs) });
    case "mismatch":
      throw new Problem("idempotency_key_reused");
    case "nonce_replayed":
      throw new Problem("signature_replay");
    case "abandoned":
      return { kind: "answered", replayed: false, answer: await takenOver(ports, request, result.resourceId, target) };
  }
}

/** The resource in the path; for an act it must not be final already. */
async function addressed(ports: OperationPorts, request: OperationRequest): Promise<ResourceRow | undefined> {
  const { creates, resource, resourceParam } = operations[request.operationId];
  if (creates || resource === undefined || resourceParam === undefined) return undefined;
  return ownRow(ports, request.partner, resource, request.input.path[resourceParam] ?? "");
}

/** A resource stays with the adapter that made it, and what hangs on it too; else the route decides. */
export function adaptersFor(
  ports: OperationPorts,
  request: OperationRequest,
  target: ResourceRow | undefined,
  parents: Parents,
): LoadedAdapter[] {
  const bound = target ?? Object.values(parents)[0];
  const candidates = ports.routing.candidates(request.operationId, request.partner);
  const adapters =
    bound === undefined ? candidates : candidates.filter(({ manifest }) => manifest.name === bound.adapter);
  if (adapters.length > 0) return adapters;
  const adapter = bound === undefined ? undefined : ports.routing.adapter(bound.adapter);
  if (adapter === undefined) throw new Problem("operation_unsupported");
  const { name, unsupported } = adapter.manifest;
  const why = unsupported.find(({ operation }) => operation === request.operationId)?.why;
  throw new Problem("operation_unsupported", why === undefined ? {} : { detail: `${name}: ${why}` });
}

function intentRow(
  request: EffectRequest,
  capability: CapabilityName,
  id: string,
  reference: string,
  adapters: LoadedAdapter[],
  nowMs: number,
) {
  return {
    id,
    kind: capability,
    partner: request.partner,
    adapter: adapters[0]?.manifest.name ?? "",
    operationId: request.operationId,
    reference,
    status: "unknown",
    body: { body: unknownBody(capability, id, request.input.body, nowMs), request: request.input.body },
    createdAtMs: nowMs,
  };
}

/** What partners see of a resource of which nothing is known but what they asked for. */
function unknownBody(capability: CapabilityName, id: string, asked: unknown, nowMs: number): Record<string, unknown> {
  const request = (asked ?? {}) as Record<string, unknown>;
  const body: Record<string, unknown> = { id, status: "unknown" };
  for (const field of resourceOf(capability).echo) if (request[field] !== undefined) body[field] = request[field];
  body["createdAt"] = new Date(nowMs).toISOString();
  return body;
}

/** Preconditions are checked under the claim; one that fails gives the key back, since nothing was done. */
async function readied(ports: OperationPorts, intent: Intent): Promise<Intent> {
  try {
    const { target, request } = intent;
    if (target !== undefined && isFinal(target.kind as CapabilityName, target.status)) {
      throw new Problem("resource_state_conflict", { detail: `${target.id} is ${target.status}, which is final.` });
    }
    return { ...intent, parents: await requireParents(ports, request, intent.parents) };
  } catch (error) {
    await ports.store.release(intent.request);
    throw error;
  }
}

/** The process that held the claim is taken for dead: its resource is asked about, and what is known now is the answer. */
async function takenOver(
  ports: OperationPorts,
  request: EffectRequest,
  resourceId: string | undefined,
  target: ResourceRow | undefined,
): Promise<OperationAnswer> {
  const row = resourceId === undefined ? target : await ports.store.resource(resourceId);
  const fresh = await fenced(ports, standing(await refresh(ports, request, standing(row))));
  return inAnswer(ports, request, stored(fresh).body, fresh.id, true);
}

/**
 * Moves an intent off its first version, from which alone its maker may withdraw it: should that process only have stood
 * still, what the partner is shown now stays.
 */
async function fenced(ports: OperationPorts, row: ResourceRow): Promise<ResourceRow> {
  if (row.version !== 1) return row;
  const { id, status, body, version: expectedVersion } = row;
  const nowMs = ports.now().getTime();
  const ask = firstAsk(ports, row.kind, status);
  await ports.store.advance({ id, expectedVersion, status, body, cause: "taken_over", nowMs, ...ask });
  return standing(await ports.store.resource(id));
}

/** An intent that is gone was ended by its maker, who lives after all: the next repetition gets that end. */
function standing(row: ResourceRow | undefined): ResourceRow {
  if (row !== undefined && row.status !== voidStatus) return row;
  throw new Problem("idempotency_in_flight", { retryAfterSeconds: 1 });
}

function untilSeconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1_000));
}
