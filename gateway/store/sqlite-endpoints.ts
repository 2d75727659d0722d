import type { Sql } from "./sqlite-batch.ts";
import { seqAfter } from "./sqlite-pages.ts";
import type { ChangeEndpointUnit, EndpointPageUnit, NewSealedEndpoint, SealedEndpoint } from "./units-webhooks.ts";

const columns = `id, partner, url, types, description, secrets, status, disabled_because AS disabledBecause,
  created_at_ms AS createdAtMs, updated_at_ms AS updatedAtMs`;

type EndpointColumns = Omit<SealedEndpoint, "types"> & { types: string };

export function addEndpoint(sql: Sql, made: NewSealedEndpoint): undefined {
  sql.run(
    `INSERT INTO endpoints (id, partner, url, types, description, secrets, status, created_at_ms, updated_at_ms)
     VALUES (?, ?, ?, ?, ?, ?, 'active', ?7, ?7)`,
    made.id,
    made.partner,
    made.url,
    JSON.stringify(made.types),
    made.description,
    made.secrets,
    made.createdAtMs,
  );
  return undefined;
}

export function endpoint(sql: Sql, { id }: { id: string }): SealedEndpoint | undefined {
  const row = sql.one<EndpointColumns>(`SELECT ${columns} FROM endpoints WHERE id = ?`, id);
  return row && endpointOf(row);
}

/** A page in the order of creation. */
export function endpoints(sql: Sql, { partner, limit, afterId }: EndpointPageUnit): SealedEndpoint[] {
  const after = seqAfter(sql, "SELECT seq FROM endpoints WHERE id = ? AND partner = ?", afterId, partner);
  return sql
    .all<EndpointColumns>(
      `SELECT ${columns} FROM endpoints WHERE partner = ? AND seq > ? ORDER BY seq LIMIT ?`,
      partner,
      after,
      limit,
    )
    .map(endpointOf);
}

/** What is given is changed; see WebhookStore.changeEndpoint. */
export function changeEndpoint(sql: Sql, change: ChangeEndpointUnit): boolean {
  const changed = sql.run(
    `UPDATE endpoints SET url = coalesce(?, url), types = coalesce(?, types), description = coalesce(?, description),
       secrets = coalesce(?, secrets), status = coalesce(?5, status),
       disabled_because = CASE WHEN coalesce(?5, status) = 'disabled' THEN coalesce(?, disabled_because) END,
       updated_at_ms = ? WHERE id = ?`,
    change.url ?? null,
    change.types === undefined ? null : JSON.stringify(change.types),
    change.description ?? null,
    change.secrets ?? null,
    change.status ?? null,
    change.disabledBecause ?? null,
    change.nowMs,
    change.id,
  );
  return changed === 1;
}

/** The endpoint, its pending deliveries and their attempts. */
export function removeEndpoint(sql: Sql, { id }: { id: string }): boolean {
  const pending = "FROM deliveries WHERE endpoint_id = ? AND status = 'pending'";
  sql.run(`DELETE FROM attempts WHERE delivery_id IN (SELECT id ${pending})`, id);
  sql.run(`DELETE ${pending}`, id);
  return sql.run("DELETE FROM endpoints WHERE id = ?", id) === 1;
}

function endpointOf({ types, ...rest }: EndpointColumns): SealedEndpoint {
  return { ...rest, types: JSON.parse(types) as string[] };
}
