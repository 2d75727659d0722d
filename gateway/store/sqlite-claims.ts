import { StoreError } from "./errors.ts";
import { inheritTouch, setAsk, touch, untouch } from "./sqlite-asks.ts";
import type { Sql } from "./sqlite-batch.ts";
import { claimNonce } from "./sqlite-nonces.ts";
import { createResource, dropIntent, settleResource } from "./sqlite-resources.ts";
import type { BeginOutput, BeginUnit, ClaimName, CompleteUnit } from "./units.ts";

interface ClaimRow {
  id: number;
  operationId: string;
  fingerprint: Uint8Array;
  resourceId: string | null;
  leaseUntilMs: number;
  expiresAtMs: number;
  status: number | null;
  answer: Uint8Array | null;
}

/** The nonce, the claim and the intent; see Store.begin. */
export function begin(sql: Sql, unit: BeginUnit): BeginOutput {
  if (unit.nonce && !claimNonce(sql, { ...unit.nonce, nowMs: unit.nowMs })) return { kind: "nonce_replayed" };
  if (!insertClaim(sql, unit)) {
    const found = claimOf(sql, unit);
    if (found && found.expiresAtMs > unit.nowMs) return standing(found, unit);
    if (found) deleteClaim(sql, found.id);
    insertClaim(sql, unit);
  }
  inheritTouch(sql, unit);
  if (unit.resource) createResource(sql, unit.resource, unit.claimExpiresAtMs);
  if (unit.touch) touch(sql, unit, unit.touch);
  return { kind: "claimed" };
}

/** False when there is a claim of that name already. */
function insertClaim(sql: Sql, unit: BeginUnit): boolean {
  const added = sql.run(
    `INSERT INTO claims (partner, key, operation_id, fingerprint, resource_id, lease_until_ms, expires_at_ms)
     VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (partner, key) DO NOTHING`,
    unit.partner,
    unit.key,
    unit.operationId,
    unit.fingerprint,
    unit.resource?.id ?? null,
    unit.leaseUntilMs,
    unit.claimExpiresAtMs,
  );
  return added === 1;
}

/** What a claim that is there already means for the one who asks. */
function standing(claim: ClaimRow, unit: BeginUnit): BeginOutput {
  const same = claim.operationId === unit.operationId && Buffer.from(claim.fingerprint).equals(unit.fingerprint);
  if (!same) return { kind: "mismatch" };
  if (claim.answer && claim.status !== null) return { kind: "replay", status: claim.status, answer: claim.answer };
  const of = claim.resourceId === null ? {} : { resourceId: claim.resourceId };
  if (claim.leaseUntilMs > unit.nowMs) return { kind: "in_flight", leaseUntilMs: claim.leaseUntilMs, ...of };
  return { kind: "abandoned", ...of };
}

/**
 * The answer and the resource; see Store.complete. A claim taken anew after the first one expired is about another
 * resource: its answer is not ours to give.
 */
export function complete(sql: Sql, unit: CompleteUnit): undefined {
  const { claim, answer, resource, settled } = unit;
  if (claim && answer) {
    sql.run(
      `INSERT INTO answers (claim_id, status, sealed, answered_at_ms)
       SELECT id, ?, ?, ? FROM claims WHERE partner = ? AND key = ? AND operation_id = ?
         AND (resource_id IS NULL OR ?7 IS NULL OR resource_id = ?7)
       ON CONFLICT (claim_id) DO NOTHING`,
      answer.status,
      answer.sealed,
      unit.nowMs,
      claim.partner,
      claim.key,
      claim.operationId,
      resource?.id ?? null,
    );
    untouch(sql, claim);
  }
  if (settled) setAsk(sql, settled);
  if (resource) settleResource(sql, resource, unit.nowMs);
  return undefined;
}

/** The claim and its untouched intent, gone; see Store.release. */
export function release(sql: Sql, name: ClaimName): undefined {
  const claim = claimOf(sql, name);
  if (!claim || claim.operationId !== name.operationId) return undefined;
  if (claim.answer) throw new StoreError("conflict", "the claim has its answer and cannot be given back");
  if (claim.resourceId !== null && !dropIntent(sql, claim.resourceId)) {
    throw new StoreError("conflict", "the claim's resource has moved, so it cannot be given back");
  }
  untouch(sql, name);
  deleteClaim(sql, claim.id);
  return undefined;
}

/** A claim with its answer. */
function deleteClaim(sql: Sql, id: number): void {
  sql.run("DELETE FROM answers WHERE claim_id = ?", id);
  sql.run("DELETE FROM claims WHERE id = ?", id);
}

/** Of the oldest `maxRows`, those that have expired; how many went. All claims live equally long. */
export function pruneClaims(sql: Sql, nowMs: number, maxRows: number): number {
  const oldest = sql.all<{ id: number; expiresAtMs: number }>(
    "SELECT id, expires_at_ms AS expiresAtMs FROM claims ORDER BY id LIMIT ?",
    maxRows,
  );
  const expired = oldest.filter(({ expiresAtMs }) => expiresAtMs <= nowMs);
  for (const { id } of expired) deleteClaim(sql, id);
  return expired.length;
}

function claimOf(sql: Sql, { partner, key }: { partner: string; key: Uint8Array }): ClaimRow | undefined {
  return sql.one<ClaimRow>(
    `SELECT id, operation_id AS operationId, fingerprint, resource_id AS resourceId, lease_until_ms AS leaseUntilMs,
       expires_at_ms AS expiresAtMs, status, sealed AS answer
     FROM claims LEFT JOIN answers ON claim_id = id WHERE partner = ? AND key = ?`,
    partner,
    key,
  );
}
