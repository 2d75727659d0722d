import { Packer, Unpacker } from "./sqlite-packer.ts";
import type { Packed } from "./sqlite-packer.ts";
import type { AdvanceUnit, BeginUnit, CompleteUnit, Outcome, SealedMovement, Unit } from "./units.ts";
import type { AppendAuditUnit } from "./units-evidence.ts";

/*
 * A batch on its way between threads. What is cloned costs by the object and by the piece of memory, and the units of an
 * effect have some thirty members and ten pieces. So the units that every call makes travel as one row of values, in the order in
 * which they are read again, and their bytes as one piece, which changes hands without a copy.
 */

export function packUnits(units: readonly Unit[]): Packed {
  const to = new Packer();
  for (const unit of units) {
    to.put(unit.name);
    if (unit.name === "begin") putBegin(to, unit.input);
    else if (unit.name === "complete") putComplete(to, unit.input);
    else if (unit.name === "advance") putAdvance(to, unit.input);
    else if (unit.name === "appendAudit") putAudit(to, unit.input);
    else to.put(unit.input);
  }
  return to.packed();
}

export function unpackUnits(packed: Packed): Unit[] {
  const from = new Unpacker(packed);
  const units: Unit[] = [];
  while (!from.done) {
    const name = from.take<Unit["name"]>();
    if (name === "begin") units.push({ name, input: takeBegin(from) });
    else if (name === "complete") units.push({ name, input: takeComplete(from) });
    else if (name === "advance") units.push({ name, input: takeAdvance(from) });
    else if (name === "appendAudit") units.push({ name, input: takeAudit(from) });
    else units.push({ name, input: from.take() } as Unit);
  }
  return units;
}

function putBegin(to: Packer, unit: BeginUnit): void {
  const { partner, key, operationId, fingerprint, nowMs, claimExpiresAtMs, leaseUntilMs, nonce, resource, touch } =
    unit;
  to.put(partner, operationId, nowMs, claimExpiresAtMs, leaseUntilMs, touch);
  to.bytes(key);
  to.bytes(fingerprint);
  to.put(nonce !== undefined);
  if (nonce) to.put(nonce.keyid, nonce.nonce, nonce.expiresAtMs);
  to.put(resource?.id);
  if (!resource) return;
  to.put(resource.kind, resource.partner, resource.adapter, resource.operationId, resource.status);
  to.put(resource.createdAtMs, resource.askAtMs);
  to.bytes(resource.referenceIndex);
  to.bytes(resource.reference);
  to.bytes(resource.body);
}

function takeBegin(from: Unpacker): BeginUnit {
  return {
    partner: from.take(),
    operationId: from.take(),
    nowMs: from.take(),
    claimExpiresAtMs: from.take(),
    leaseUntilMs: from.take(),
    touch: from.take(),
    key: from.bytes(),
    fingerprint: from.bytes(),
    nonce: from.take<boolean>() ? { keyid: from.take(), nonce: from.take(), expiresAtMs: from.take() } : undefined,
    resource: takeResource(from),
  };
}

function takeResource(from: Unpacker): BeginUnit["resource"] {
  const id = from.take<string | undefined>();
  if (id === undefined) return undefined;
  return {
    id,
    kind: from.take(),
    partner: from.take(),
    adapter: from.take(),
    operationId: from.take(),
    status: from.take(),
    createdAtMs: from.take(),
    askAtMs: from.take(),
    referenceIndex: from.bytes(),
    reference: from.bytes(),
    body: from.bytes(),
  };
}

function putComplete(to: Packer, { claim, nowMs, answer, resource, settled }: CompleteUnit): void {
  to.put(nowMs, settled, claim?.partner);
  if (claim) {
    to.put(claim.operationId);
    to.bytes(claim.key);
  }
  to.put(answer?.status);
  if (answer) to.bytes(answer.sealed);
  to.put(resource !== undefined);
  if (resource) putMovement(to, resource);
}

function takeComplete(from: Unpacker): CompleteUnit {
  const nowMs = from.take<number>();
  const settled = from.take<CompleteUnit["settled"]>();
  const partner = from.take<string | undefined>();
  const claim = partner === undefined ? undefined : { partner, operationId: from.take<string>(), key: from.bytes() };
  const status = from.take<number | undefined>();
  const answer = status === undefined ? undefined : { status, sealed: from.bytes() };
  return { claim, nowMs, answer, resource: from.take<boolean>() ? takeMovement(from) : undefined, settled };
}

function putAdvance(to: Packer, { expectedVersion, nowMs, ...movement }: AdvanceUnit): void {
  to.put(expectedVersion, nowMs);
  putMovement(to, movement);
}

function takeAdvance(from: Unpacker): AdvanceUnit {
  return { expectedVersion: from.take(), nowMs: from.take(), ...takeMovement(from) };
}

function putMovement(to: Packer, { id, status, body, state, handles, cause, askAtMs, event }: SealedMovement): void {
  to.put(id, status, cause, askAtMs);
  to.bytes(body);
  to.bytes(state);
  to.put(handles.length);
  for (const handle of handles) to.bytes(handle);
  to.put(event?.id);
  if (!event) return;
  to.put(event.type);
  to.bytes(event.data);
}

function takeMovement(from: Unpacker): SealedMovement {
  const movement = {
    id: from.take<string>(),
    status: from.take<string>(),
    cause: from.take<string>(),
    askAtMs: from.take<number | null>(),
    body: from.bytes(),
    state: from.bytesOrNull(),
    handles: Array.from({ length: from.take<number>() }, () => from.bytes()),
  };
  const id = from.take<string | undefined>();
  return { ...movement, event: id === undefined ? undefined : { id, type: from.take(), data: from.bytes() } };
}

function putAudit(to: Packer, { chain, entries }: AppendAuditUnit): void {
  to.put(chain, entries.length);
  for (const { atMs, requestId, kind, partner, facts } of entries) to.put(atMs, requestId, kind, partner, facts);
}

function takeAudit(from: Unpacker): AppendAuditUnit {
  const chain = from.take<string>();
  const length = from.take<number>();
  const entry = (): AppendAuditUnit["entries"][number] => ({
    atMs: from.take(),
    requestId: from.take(),
    kind: from.take(),
    partner: from.take(),
    facts: from.take(),
  });
  return { chain, entries: Array.from({ length }, entry) };
}

/** Outcomes, those of nearly every unit as a number. */
export type PackedOutcome = 0 | 1 | Outcome;

const done: Outcome = { ok: true, output: undefined };
const claimed: Outcome = { ok: true, output: { kind: "claimed" } };

export function packOutcome(outcome: Outcome): PackedOutcome {
  if (!outcome.ok) return outcome;
  const { output } = outcome;
  if (output === undefined) return 0;
  return typeof output === "object" && "kind" in output && output.kind === "claimed" ? 1 : outcome;
}

export function unpackOutcome(packed: PackedOutcome): Outcome {
  if (packed === 0) return done;
  return packed === 1 ? claimed : packed;
}
