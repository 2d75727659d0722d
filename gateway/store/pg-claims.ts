import type { Failure } from "./errors.ts";
import { failureOf } from "./pg-failures.ts";
import { inherit } from "./pg-asks.ts";
import type { Group } from "./pg-batch.ts";
import type { Link } from "./pg-link.ts";
import { takeNonces } from "./pg-nonces.ts";
import { hex, unitsOf } from "./pg-rows.ts";
import type { BeginOutput, BeginUnit, Outcome } from "./units.ts";

const standingColumns = `operation_id AS "operationId", fingerprint, resource_id AS "resourceId",
  lease_until_ms AS "leaseUntilMs", status, answer`;

interface StandingClaim {
  operationId: string;
  fingerprint: Uint8Array;
  resourceId: string | null;
  leaseUntilMs: number;
  status: number | null;
  answer: Uint8Array | null;
}

type BeginRow = { ord: number } & (
  | { kind: "claimed" | "nonce_replayed" | "met" }
  | ({ kind: "standing" } & StandingClaim)
);

/**
 * Nonces, then claims, then intents. A unit meets a claim that stood when the statement began (`standing`, answered at
 * once), takes the key itself (`claimed`), or meets one that was made meanwhile, by a twin in this statement or in
 * another instance (`met`): that one is read afterwards. The unique constraint decides, nothing is looked up before.
 * What an act left unfinished under a claim that expired is left to recovery, before the new one's touch is written.
 * A target that is not there violates touches_target, and its unit fails alone.
 */
const beginText = `
WITH ${unitsOf(`partner text, key bytea, operation_id text, fingerprint bytea, now_ms bigint, lease_until_ms bigint,
  expires_at_ms bigint, keyid text, nonce text, nonce_expires_at_ms bigint, touch_id text, touch_at_ms bigint,
  resource_id text, resource_partner text, kind text, adapter text, resource_operation_id text, reference_index bytea,
  reference bytea, resource_status text, body bytea, created_at_ms bigint, ask_at_ms bigint`)},
${takeNonces},
fresh AS MATERIALIZED (
  SELECT unit.* FROM unit LEFT JOIN bearer USING (ord) WHERE nonce IS NULL OR bearer.ord IS NOT NULL
),
standing AS MATERIALIZED (
  SELECT fresh.ord, claims.* FROM fresh JOIN claims USING (partner, key) WHERE claims.expires_at_ms > fresh.now_ms
),
contender AS MATERIALIZED (
  SELECT DISTINCT ON (partner, key) fresh.* FROM fresh
  WHERE NOT EXISTS (SELECT FROM standing WHERE standing.ord = fresh.ord) ORDER BY partner, key, ord
),
claimed AS (
  INSERT INTO claims (partner, key, operation_id, fingerprint, resource_id, created_at_ms, lease_until_ms,
    expires_at_ms)
  SELECT partner, key, operation_id, fingerprint, resource_id, now_ms, lease_until_ms, expires_at_ms FROM contender
  ORDER BY partner, key
  ON CONFLICT (partner, key) DO UPDATE SET operation_id = excluded.operation_id, fingerprint = excluded.fingerprint,
    resource_id = excluded.resource_id, created_at_ms = excluded.created_at_ms,
    lease_until_ms = excluded.lease_until_ms, expires_at_ms = excluded.expires_at_ms, answered_at_ms = NULL,
    status = NULL, answer = NULL
    WHERE claims.expires_at_ms <= excluded.created_at_ms
  RETURNING partner, key
),
winner AS MATERIALIZED (SELECT contender.* FROM contender JOIN claimed USING (partner, key)),
created AS (
  INSERT INTO resources (id, kind, partner, adapter, operation_id, reference_index, reference, status, version, body,
    cause, created_at_ms, updated_at_ms)
  SELECT resource_id, kind, resource_partner, adapter, resource_operation_id, reference_index, reference,
    resource_status, 1, body, 'created', created_at_ms, created_at_ms
  FROM winner WHERE resource_id IS NOT NULL ORDER BY ord
),
first_transition AS (
  INSERT INTO transitions (resource_id, version, from_status, to_status, cause, at_ms)
  SELECT resource_id, 1, NULL, resource_status, 'created', created_at_ms FROM winner WHERE resource_id IS NOT NULL
),
first_ask AS (
  INSERT INTO asks (resource_id, due_at_ms) SELECT resource_id, ask_at_ms FROM winner WHERE ask_at_ms IS NOT NULL
),
unfinished AS (DELETE FROM touches USING winner WHERE touches.partner = winner.partner AND touches.key = winner.key
  RETURNING touches.resource_id, touches.ask_at_ms),
left_behind AS (
  INSERT INTO asks (resource_id, due_at_ms) SELECT resource_id, min(ask_at_ms) FROM unfinished GROUP BY resource_id
  ${inherit}
),
touched AS (
  INSERT INTO touches (partner, key, resource_id, ask_at_ms)
  SELECT partner, key, touch_id, touch_at_ms FROM winner
  WHERE touch_id IS NOT NULL AND (SELECT count(*) FROM unfinished) >= 0
)
SELECT unit.ord,
  CASE WHEN fresh.ord IS NULL THEN 'nonce_replayed' WHEN winner.ord IS NOT NULL THEN 'claimed'
    WHEN standing.ord IS NOT NULL THEN 'standing' ELSE 'met' END AS kind,
  standing.operation_id AS "operationId", standing.fingerprint, standing.resource_id AS "resourceId",
  standing.lease_until_ms AS "leaseUntilMs", standing.status, standing.answer
FROM unit LEFT JOIN fresh USING (ord) LEFT JOIN winner USING (ord) LEFT JOIN standing USING (ord)`;

export const beginGroup: Group<"begin", BeginRow> = {
  statement: { name: "begin", text: beginText },
  changes: true,
  row: (unit: BeginUnit) => ({
    partner: unit.partner,
    key: hex(unit.key),
    operation_id: unit.operationId,
    fingerprint: hex(unit.fingerprint),
    now_ms: unit.nowMs,
    lease_until_ms: unit.leaseUntilMs,
    expires_at_ms: unit.claimExpiresAtMs,
    keyid: unit.nonce?.keyid,
    nonce: unit.nonce?.nonce,
    nonce_expires_at_ms: unit.nonce?.expiresAtMs,
    touch_id: unit.touch?.id,
    touch_at_ms: unit.touch?.askAtMs,
    resource_id: unit.resource?.id,
    resource_partner: unit.resource?.partner,
    kind: unit.resource?.kind,
    adapter: unit.resource?.adapter,
    resource_operation_id: unit.resource?.operationId,
    reference_index: hex(unit.resource?.referenceIndex),
    reference: hex(unit.resource?.reference),
    resource_status: unit.resource?.status,
    body: hex(unit.resource?.body),
    created_at_ms: unit.resource?.createdAtMs,
    ask_at_ms: unit.resource?.askAtMs,
  }),
  outcome: (row, unit) => ({ ok: true, output: row.kind === "standing" ? meaningOf(row, unit) : met(row.kind, unit) }),
  review,
};

/** `met` until review() has read the claim: in flight, and to be asked about again at once. It was so a moment ago. */
function met(kind: "claimed" | "nonce_replayed" | "met", unit: BeginUnit): BeginOutput {
  return kind === "met" ? { kind: "in_flight", leaseUntilMs: unit.nowMs } : { kind };
}

/** What a claim that is there already means for the one who asks. */
function meaningOf(claim: StandingClaim, unit: BeginUnit): BeginOutput {
  const same = claim.operationId === unit.operationId && Buffer.from(claim.fingerprint).equals(unit.fingerprint);
  if (!same) return { kind: "mismatch" };
  if (claim.answer && claim.status !== null) return { kind: "replay", status: claim.status, answer: claim.answer };
  const of = claim.resourceId === null ? {} : { resourceId: claim.resourceId };
  if (claim.leaseUntilMs > unit.nowMs) return { kind: "in_flight", leaseUntilMs: claim.leaseUntilMs, ...of };
  return { kind: "abandoned", ...of };
}

const metText = `WITH ${unitsOf("partner text, key bytea")}
  SELECT ord, ${standingColumns} FROM unit JOIN claims USING (partner, key)`;

/** Reads the claims that were met. One that is gone again (given back meanwhile) stays `in_flight`, as it was met. */
async function review(link: Link, inputs: BeginUnit[], outcomes: Outcome[]): Promise<Outcome[]> {
  const places = [...inputs.keys()].filter((at) => isMet(outcomes[at], inputs[at]));
  if (places.length === 0) return outcomes;
  const reviewed = [...outcomes];
  const names = places.map((ord) => ({ ord, partner: inputs[ord]?.partner, key: hex(inputs[ord]?.key) }));
  try {
    const rows = await link.read((run) =>
      run<{ ord: number } & StandingClaim>({ name: "met", text: metText }, JSON.stringify(names)),
    );
    for (const row of rows) {
      const unit = inputs[row.ord];
      if (unit) reviewed[row.ord] = { ok: true, output: meaningOf(row, unit) };
    }
  } catch (thrown) {
    const { code, message } = failureOf(thrown, "none");
    for (const at of places) {
      const failure: Failure = { code, message, effect: inputs[at]?.nonce ? "unknown" : "none" };
      reviewed[at] = { ok: false, failure };
    }
  }
  return reviewed;
}

function isMet(outcome: Outcome | undefined, unit: BeginUnit | undefined): boolean {
  if (!outcome?.ok || !unit) return false;
  const output = outcome.output as BeginOutput;
  return output.kind === "in_flight" && output.leaseUntilMs === unit.nowMs && !output.resourceId;
}
