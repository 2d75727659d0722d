/** Nothing more is to be asked about, or from a time on: a lease ends, and the count starts anew. */
const renew = `ON CONFLICT (resource_id) DO UPDATE
  SET due_at_ms = excluded.due_at_ms, leased_until_ms = NULL, asks = 0, stuck = false`;

/** What an unfinished act left behind: due when either says so first. */
export const inherit = `ON CONFLICT (resource_id) DO UPDATE
  SET due_at_ms = least(asks.due_at_ms, excluded.due_at_ms), leased_until_ms = NULL, asks = 0, stuck = false`;

/** Parts of a statement that set when resources are to be asked about; `source` gives (id, ask_at_ms), an id once. */
export function setAsks(name: string, source: string): string {
  return `${name} AS MATERIALIZED (${source}),
${name}_dropped AS (
  DELETE FROM asks USING ${name} WHERE asks.resource_id = ${name}.id AND ${name}.ask_at_ms IS NULL
),
${name}_set AS (
  INSERT INTO asks (resource_id, due_at_ms) SELECT id, ask_at_ms FROM ${name} WHERE ask_at_ms IS NOT NULL ORDER BY id
  ${renew}
)`;
}
