import { setAsks } from "./pg-asks.ts";
import type { Group } from "./pg-batch.ts";
import { hex, unitsOf } from "./pg-rows.ts";
import type { AdvanceUnit, CompleteUnit, SealedMovement } from "./units.ts";

const movementColumns = `now_ms bigint, id text, status text, body bytea, state bytea, handles bytea[], cause text,
  ask_at_ms bigint, event_id text, event_type text, event_data bytea`;

function movementRow(movement: SealedMovement | undefined, nowMs: number): object {
  return {
    now_ms: nowMs,
    id: movement?.id,
    status: movement?.status,
    body: hex(movement?.body),
    state: hex(movement?.state),
    handles: movement?.handles.map((handle) => hex(handle)) ?? [],
    cause: movement?.cause,
    ask_at_ms: movement?.askAtMs,
    event_id: movement?.event?.id,
    event_type: movement?.event?.type,
    event_data: hex(movement?.event?.data),
  };
}

/** Rows are locked in the order of their ids, at their newest version, before anything is decided about them. */
const lockResources = `
locked AS MATERIALIZED (
  SELECT id, adapter, status, version FROM resources
  WHERE id IN (SELECT id FROM unit WHERE id IS NOT NULL) ORDER BY id FOR NO KEY UPDATE
)`;

/**
 * What follows from `mover`, the units that move their resource: the next version, its transition, its handles, when it
 * is asked about, its event with a delivery for each endpoint that wants it. `holder` are the units whose handles are added.
 * - A handle that is another resource's hits the primary key, and the statement fails.
 * - A partner's events are numbered one transaction after the other (`turn`), so that their order is the order of
 *   commit and no page passes over one.
 * - Endpoints are held until the commit, so that none is removed while a delivery to it is born.
 * - What is pending in a queue is locked and read at its newest version (`waiting`), so that the new delivery is due at once
 *   only in an empty queue; whoever settles that queue's head meanwhile waits and then sees the new one.
 */
const move = `
moved AS (
  UPDATE resources SET status = mover.status, body = mover.body, state = coalesce(mover.state, resources.state),
    cause = mover.cause, version = resources.version + 1, updated_at_ms = mover.now_ms
  FROM mover WHERE resources.id = mover.id
  RETURNING mover.ord, resources.id, resources.partner, resources.version, mover.from_status, mover.status, mover.cause,
    mover.now_ms, mover.ask_at_ms, mover.event_id, mover.event_type, mover.event_data
),
transition AS (
  INSERT INTO transitions (resource_id, version, from_status, to_status, cause, at_ms)
  SELECT id, version, from_status, status, cause, now_ms FROM moved
),
handle AS (
  INSERT INTO handles (adapter, handle, resource_id)
  SELECT DISTINCT adapter, given.handle, id FROM holder CROSS JOIN unnest(handles) AS given (handle)
  WHERE NOT EXISTS (SELECT FROM handles AS own
    WHERE own.adapter = holder.adapter AND own.handle = given.handle AND own.resource_id = holder.id)
  ORDER BY adapter, given.handle
),
${setAsks("own_ask", "SELECT id, ask_at_ms FROM moved")},
told AS MATERIALIZED (SELECT * FROM moved WHERE event_id IS NOT NULL),
turn AS MATERIALIZED (
  SELECT partner, pg_advisory_xact_lock(hashtextextended(partner, 0)) FROM
    (SELECT DISTINCT partner FROM told ORDER BY partner) AS partners
),
event AS (
  INSERT INTO events (id, type, data, partner, resource_id, version, created_at_ms)
  SELECT event_id, event_type, event_data, partner, id, version, now_ms FROM told JOIN turn USING (partner) ORDER BY ord
),
receiver AS MATERIALIZED (
  SELECT told.*, endpoints.id AS endpoint_id FROM told JOIN endpoints USING (partner)
  WHERE endpoints.status IN ('active', 'paused') AND endpoints.types && ARRAY[told.event_type, '*']
  ORDER BY endpoints.id FOR KEY SHARE OF endpoints
),
waiting AS MATERIALIZED (
  SELECT deliveries.endpoint_id, deliveries.resource_id FROM deliveries JOIN receiver
    ON deliveries.endpoint_id = receiver.endpoint_id AND deliveries.resource_id = receiver.id
  WHERE deliveries.status = 'pending'
  ORDER BY deliveries.id FOR UPDATE OF deliveries
),
delivery AS (
  INSERT INTO deliveries
    (id, event_id, endpoint_id, partner, resource_id, version, status, next_attempt_at_ms, due_at_ms)
  SELECT event_id || ':' || endpoint_id, event_id, endpoint_id, partner, id, version, 'pending', now_ms,
    CASE WHEN NOT EXISTS (SELECT FROM waiting
      WHERE waiting.endpoint_id = receiver.endpoint_id AND waiting.resource_id = receiver.id) THEN now_ms END
  FROM receiver
)`;

export const advanceGroup: Group<"advance", { ord: number; made: boolean }> = {
  statement: {
    name: "advance",
    text: `WITH ${unitsOf(`${movementColumns}, expected_version integer`)}, ${lockResources},
      mover AS MATERIALIZED (
        SELECT DISTINCT ON (id) unit.*, locked.adapter, locked.status AS from_status
        FROM unit JOIN locked USING (id) WHERE locked.version = unit.expected_version ORDER BY id, ord
      ),
      holder AS (SELECT * FROM mover), ${move}
      SELECT unit.ord, moved.ord IS NOT NULL AS made FROM unit LEFT JOIN moved USING (ord)`,
  },
  changes: true,
  row: (unit: AdvanceUnit) => ({ ...movementRow(unit, unit.nowMs), expected_version: unit.expectedVersion }),
  outcome: ({ made }) => ({ ok: true, output: made }),
};

/**
 * Resources before claims, as everywhere. The claim is answered only when its resource is there; a claim taken anew
 * after the first one expired is about another resource: its answer is not ours to give. A movement says itself when its
 * resource is asked about; `settled` says so of any other.
 */
const completeText = `
WITH ${unitsOf(`${movementColumns}, partner text, key bytea, operation_id text, answer_status integer, answer bytea,
  settled_id text, settled_ask_at_ms bigint`)},
${lockResources},
able AS MATERIALIZED (
  SELECT unit.*, locked.adapter, locked.status AS from_status, locked.version
  FROM unit LEFT JOIN locked USING (id) WHERE unit.id IS NULL OR locked.id IS NOT NULL
),
mover AS (SELECT * FROM able WHERE version = 1),
holder AS (SELECT * FROM able WHERE id IS NOT NULL),
supplied AS (
  UPDATE resources SET state = able.state FROM able
  WHERE resources.id = able.id AND able.version > 1 AND able.state IS NOT NULL AND resources.state IS NULL
),
claim AS MATERIALIZED (
  SELECT able.*, claims.partner AS claim_partner, claims.key AS claim_key FROM able
  JOIN claims ON claims.partner = able.partner AND claims.key = able.key AND claims.operation_id = able.operation_id
  WHERE able.answer IS NOT NULL ORDER BY claims.partner, claims.key FOR UPDATE OF claims
),
answered AS (
  UPDATE claims SET status = claim.answer_status, answer = claim.answer, answered_at_ms = claim.now_ms FROM claim
  WHERE claims.partner = claim.claim_partner AND claims.key = claim.claim_key AND claims.answer IS NULL
    AND claims.operation_id = claim.operation_id
    AND (claims.resource_id IS NULL OR claim.id IS NULL OR claims.resource_id = claim.id)
),
untouched AS (
  DELETE FROM touches USING able
  WHERE able.answer IS NOT NULL AND touches.partner = able.partner AND touches.key = able.key
),
${setAsks(
  "target_ask",
  `SELECT settled_id AS id, settled_ask_at_ms AS ask_at_ms FROM able
   WHERE settled_id IS DISTINCT FROM CASE WHEN version = 1 THEN id END AND settled_id IS NOT NULL`,
)},
${move}
SELECT unit.ord, able.ord IS NOT NULL AS known FROM unit LEFT JOIN able USING (ord)`;

export const completeGroup: Group<"complete", { ord: number; known: boolean }> = {
  statement: { name: "complete", text: completeText },
  changes: true,
  row: ({ claim, answer, resource, settled, nowMs }: CompleteUnit) => ({
    ...movementRow(resource, nowMs),
    partner: claim?.partner,
    key: hex(claim?.key),
    operation_id: claim?.operationId,
    answer_status: answer?.status,
    answer: hex(answer?.sealed),
    settled_id: settled?.id,
    settled_ask_at_ms: settled?.askAtMs,
  }),
  outcome: ({ known }, { resource }) =>
    known
      ? { ok: true, output: undefined }
      : {
          ok: false,
          failure: { code: "conflict", message: `there is no resource ${resource?.id} to complete`, effect: "none" },
        },
  names: ({ claim, resource, settled }) => [
    ...(resource ? [`resource ${resource.id}`] : []),
    ...(settled ? [`resource ${settled.id}`] : []),
    ...(claim ? [`claim ${claim.partner} ${Buffer.from(claim.key).toString("hex")}`] : []),
  ],
};
