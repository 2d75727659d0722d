import type { Sql } from "./sqlite-batch.ts";

/**
 * What partners page through is listed by partner, so that each partner's next row is written elsewhere. Therefore the lists
 * are written for `listEvery` rows at a time, in the order of their names; rows behind `listed.seq` are found by walking
 * the table itself, which is never more than that.
 */
export const listEvery = 256;

export type Listed = "resources" | "events";

/** What writes the lists of the rows behind a number. */
const adding: Record<Listed, string[]> = {
  resources: [
    "INSERT INTO resource_list (partner, kind, seq) SELECT partner, kind, seq FROM resources WHERE seq > ? ORDER BY 1, 2, 3",
  ],
  events: [
    "INSERT INTO event_list (partner, seq) SELECT partner, seq FROM events WHERE seq > ? ORDER BY 1, 2",
    "INSERT INTO event_type_list (partner, type, seq) SELECT partner, type, seq FROM events WHERE seq > ? ORDER BY 1, 2, 3",
  ],
};

/** How far the lists go: every row up to there, and none behind it, is in them. */
function listedSeq(sql: Sql, table: Listed): number {
  return sql.one<{ seq: number }>("SELECT seq FROM listed WHERE name = ?", table)?.seq ?? 0;
}

/** A row was written at the end of the table. */
export function wasAppended(sql: Sql, table: Listed, seq: number): void {
  if (seq % listEvery !== 0) return;
  const listed = listedSeq(sql, table);
  for (const statement of adding[table]) sql.run(statement, listed);
  sql.run("UPDATE listed SET seq = ? WHERE name = ?", seq, table);
}

/** Rows were deleted, and their entries with them. The last number is given out again: what comes then is behind the lists. */
export function wereDeleted(sql: Sql, table: Listed): void {
  const last = `(SELECT coalesce(max(seq), 0) FROM ${table})`;
  sql.run(`UPDATE listed SET seq = ${last} WHERE name = ? AND seq > ${last}`, table);
}

/** A page: first of what a list has behind `afterSeq`, then of what is not listed yet. */
export function pageOf<Row>(
  sql: Sql,
  table: Listed,
  { afterSeq, limit }: { afterSeq: number; limit: number },
  ask: { listed(afterSeq: number, limit: number): Row[]; unlisted(afterSeq: number, limit: number): Row[] },
): Row[] {
  const rows = ask.listed(afterSeq, limit);
  if (rows.length === limit) return rows;
  const behind = Math.max(afterSeq, listedSeq(sql, table));
  return [...rows, ...ask.unlisted(behind, limit - rows.length)];
}
