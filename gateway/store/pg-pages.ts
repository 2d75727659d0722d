import { StoreError } from "./errors.ts";
import type { Run, Value } from "./pg-link.ts";

/**
 * Where a page begins: behind the row that `find` gives as `seq` for the cursor ($1) and what else it asks for.
 * @throws StoreError `unknown_cursor` when there is none.
 */
export async function seqAfter(run: Run, find: string, afterId: string | undefined, ...more: Value[]): Promise<number> {
  if (afterId === undefined) return 0;
  const [row] = await run<{ seq: number }>({ text: find }, afterId, ...more);
  if (!row) throw new StoreError("unknown_cursor", "the page is asked for after a row that is not in this list");
  return row.seq;
}
