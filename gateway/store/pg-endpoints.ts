import type { Run } from "./pg-link.ts";
import { seqAfter } from "./pg-pages.ts";
import type { ChangeEndpointUnit, EndpointPageUnit, NewSealedEndpoint, SealedEndpoint } from "./units-webhooks.ts";

/** The columns of endpoints `p` as a SealedEndpoint. */
const columns = `p.id, p.partner, p.url, p.types, p.description, p.secrets, p.status,
  p.disabled_because AS "disabledBecause", p.created_at_ms AS "createdAtMs", p.updated_at_ms AS "updatedAtMs"`;

export async function addEndpoint(run: Run, made: NewSealedEndpoint): Promise<undefined> {
  await run(
    {
      text: `INSERT INTO endpoints (id, partner, url, types, description, secrets, status, created_at_ms, updated_at_ms)
        VALUES ($1, $2, $3, $4, $5, $6, 'active', $7, $7)`,
    },
    made.id,
    made.partner,
    made.url,
    made.types,
    made.description,
    made.secrets,
    made.createdAtMs,
  );
  return undefined;
}

export async function endpoint(run: Run, { id }: { id: string }): Promise<SealedEndpoint | undefined> {
  const [row] = await run<SealedEndpoint>({ text: `SELECT ${columns} FROM endpoints AS p WHERE p.id = $1` }, id);
  return row;
}

/** Those of the ids that are there, in any order. */
export function endpointsOf(run: Run, ids: string[]): Promise<SealedEndpoint[]> {
  return run({ text: `SELECT ${columns} FROM endpoints AS p WHERE p.id = ANY ($1)` }, ids);
}

/** A page in the order of creation. */
export async function endpoints(run: Run, { partner, limit, afterId }: EndpointPageUnit): Promise<SealedEndpoint[]> {
  const find = "SELECT seq FROM endpoints WHERE id = $1 AND partner = $2";
  return run(
    { text: `SELECT ${columns} FROM endpoints AS p WHERE p.partner = $1 AND p.seq > $2 ORDER BY p.seq LIMIT $3` },
    partner,
    await seqAfter(run, find, afterId, partner),
    limit,
  );
}

/** What is given is changed; see WebhookStore.changeEndpoint. */
export async function changeEndpoint(run: Run, change: ChangeEndpointUnit): Promise<boolean> {
  const changed = await run(
    {
      text: `UPDATE endpoints SET url = coalesce($2, url), types = coalesce($3, types),
          description = coalesce($4, description), secrets = coalesce($5, secrets), status = coalesce($6, status),
          disabled_because = CASE WHEN coalesce($6, status) = 'disabled' THEN coalesce($7, disabled_because) END,
          updated_at_ms = $8
        WHERE id = $1 RETURNING id`,
    },
    change.id,
    change.url,
    change.types,
    change.description,
    change.secrets,
    change.status,
    change.disabledBecause,
    change.nowMs,
  );
  return changed.length === 1;
}

/**
 * The endpoint, its pending deliveries and their attempts. The endpoint first: a movement that is giving birth to a delivery
 * holds it until that delivery can be seen.
 */
export async function removeEndpoint(run: Run, { id }: { id: string }): Promise<boolean> {
  const removed = await run({ text: "DELETE FROM endpoints WHERE id = $1 RETURNING id" }, id);
  await run(
    {
      text: `WITH gone AS (DELETE FROM deliveries WHERE endpoint_id = $1 AND status = 'pending' RETURNING id)
        DELETE FROM attempts USING gone WHERE attempts.delivery_id = gone.id`,
    },
    id,
  );
  return removed.length === 1;
}
