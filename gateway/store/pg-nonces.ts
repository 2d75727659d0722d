import type { Group } from "./pg-batch.ts";
import { unitsOf } from "./pg-rows.ts";
import type { NonceUnit } from "./units.ts";

/**
 * A nonce goes to the first unit of a statement that brings it, and only when it is free or has expired.
 * Rows are written in the order of their names, here and in all statements, so that two instances wait and do not
 * deadlock.
 */
export const takeNonces = `
taken AS (
  INSERT INTO nonces (keyid, nonce, taken_at_ms, expires_at_ms)
  SELECT DISTINCT ON (keyid, nonce) keyid, nonce, now_ms, nonce_expires_at_ms
  FROM unit WHERE nonce IS NOT NULL ORDER BY keyid, nonce, ord
  ON CONFLICT (keyid, nonce) DO UPDATE SET taken_at_ms = excluded.taken_at_ms, expires_at_ms = excluded.expires_at_ms
    WHERE nonces.expires_at_ms <= excluded.taken_at_ms
  RETURNING keyid, nonce
),
bearer AS MATERIALIZED (
  SELECT DISTINCT ON (keyid, nonce) ord FROM unit JOIN taken USING (keyid, nonce) ORDER BY keyid, nonce, ord
)`;

export const nonceGroup: Group<"claimNonce", { ord: number; fresh: boolean }> = {
  statement: {
    name: "claimNonce",
    text: `WITH ${unitsOf("keyid text, nonce text, now_ms bigint, nonce_expires_at_ms bigint")}, ${takeNonces}
      SELECT ord, bearer.ord IS NOT NULL AS fresh FROM unit LEFT JOIN bearer USING (ord)`,
  },
  changes: true,
  row: ({ keyid, nonce, nowMs, expiresAtMs }: NonceUnit) => ({
    keyid,
    nonce,
    now_ms: nowMs,
    nonce_expires_at_ms: expiresAtMs,
  }),
  outcome: ({ fresh }) => ({ ok: true, output: fresh }),
};
