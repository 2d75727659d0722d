/**
 * Why the store did not do as asked:
 * - `store_unavailable`: the engine failed, died, or did not answer in time
 * - `store_busy`: too much is waiting, or another process holds the database; try again later
 * - `store_closed`: asked after close()
 * - `conflict`: the unit contradicts what is stored (unique reference or handle, unknown resource, work already done)
 * - `unknown_cursor`: a page was asked for after a resource that is not in that list
 * - `wrong_key`: a configured key is not the one that this store was sealed with, or the one needed is not configured
 * - `unreadable`: sealed bytes do not open under their key: altered, or moved from another place
 * - `schema_mismatch`: the database was made by a newer program, or with another text of a migration
 */
export type StoreErrorCode =
  | "store_unavailable"
  | "store_busy"
  | "store_closed"
  | "conflict"
  | "unknown_cursor"
  | "wrong_key"
  | "unreadable"
  | "schema_mismatch";

/** `none`: surely nothing was stored. `unknown`: it may have been; read again before deciding. */
export type StoreEffect = "none" | "unknown";

/** A failure as data: what crosses from the worker. Messages never carry stored values. */
export interface Failure {
  code: StoreErrorCode;
  message: string;
  effect: StoreEffect;
}

/** The one error of this room. */
export class StoreError extends Error {
  override readonly name = "StoreError";
  readonly code: StoreErrorCode;
  readonly effect: StoreEffect;

  constructor(code: StoreErrorCode, message: string, effect: StoreEffect = "none") {
    super(message);
    this.code = code;
    this.effect = effect;
  }
}

/** A StoreError of a failure that crossed a thread. */
export function failed(failure: Failure): StoreError {
  return new StoreError(failure.code, failure.message, failure.effect);
}

/** Any thrown value as a StoreError; what is none becomes `store_unavailable` with the given effect. */
export function asStoreError(thrown: unknown, effect: StoreEffect): StoreError {
  if (thrown instanceof StoreError) return thrown;
  return new StoreError("store_unavailable", thrown instanceof Error ? thrown.message : String(thrown), effect);
}
