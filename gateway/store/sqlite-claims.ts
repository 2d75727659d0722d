import { StoreError } from "./errors.ts";
import { inheritTouch, setAsk, touch, untouch } from "./sqlite-asks.ts";
import type { Sql } from "./sqlite-batch.ts";
import { createResource, dropIntent, settleResource } from "./sqlite-resources.ts";
import type { BeginOutput, BeginUnit, ClaimName, CompleteUnit, NonceUnit } from "./units.ts";

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
  const found = claimOf(sql, unit);
  if (found && found.expiresAtMs > unit.nowMs) return standing(found, unit);
  if (found) sql.run("DELETE FROM claims WHERE id = ?", found.id);
  inheritTouch(sql, unit);
  sql.run(
    `INSERT INTO claims (partner, key, operation_id, fingerprint, resource_id, created_at_ms, lease_until_ms, expires_at_ms)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    unit.partner,
    unit.key,
    unit.operationId,
    unit.fingerprint,
    unit.resource?.id ?? null,
    unit.nowMs,
    unit.leaseUntilMs,
    unit.claimExpiresAtMs,
  );
  if (unit.resource) createResource(sql, unit.resource);
  if (unit.touch) touch(sql, unit, unit.touch);
  return { kind: "claimed" };
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
      `UPDATE claims SET status = ?, answer = ?, answered_at_ms = ?
       WHERE partner = ? AND key = ? AND operation_id = ? AND answer IS NULL
         AND (resource_id IS NULL OR ?7 IS NULL OR resource_id = ?7)`,
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
  sql.run("DELETE FROM claims WHERE id = ?", claim.id);
  return undefined;
}

/** True when the nonce was free, or what held it has expired. */
export function claimNonce(sql: Sql, { keyid, nonce, expiresAtMs, nowMs }: NonceUnit): boolean {
  const taken = sql.run(
    `INSERT INTO nonces (keyid, nonce, expires_at_ms) VALUES (?, ?, ?)
     ON CONFLICT (keyid, nonce) DO UPDATE SET expires_at_ms = excluded.expires_at_ms WHERE nonces.expires_at_ms <= ?`,
    keyid,
    nonce,
    expiresAtMs,
    nowMs,
  );
  return taken === 1;
}

function claimOf(sql: Sql, { partner, key }: { partner: string; key: Uint8Array }): ClaimRow | undefined {
  return sql.one<ClaimRow>(
    `SELECT id, operation_id AS operationId, fingerprint, resource_id AS resourceId, lease_until_ms AS leaseUntilMs,
       expires_at_ms AS expiresAtMs, status, answer
     FROM claims WHERE partner = ? AND key = ?`,
    partner,
    key,
  );
}
