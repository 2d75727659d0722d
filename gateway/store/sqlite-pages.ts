import { StoreError } from "./errors.ts";
import type { Sql } from "./sqlite-batch.ts";

/**
 * Where a page begins: behind the row that `find` gives as `seq` for the cursor and what else it asks for.
 * @throws StoreError `unknown_cursor` when there is none.
 */
export function seqAfter(sql: Sql, find: string, afterId: string | undefined, ...more: string[]): number {
  if (afterId === undefined) return 0;
  const row = sql.one<{ seq: number }>(find, afterId, ...more);
  if (!row) throw new StoreError("unknown_cursor", "the page is asked for after a row that is not in this list");
  return row.seq;
}
