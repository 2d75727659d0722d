/** The door of the durable store. */
export type {
  AdvanceInput,
  Answer,
  BeginInput,
  BeginResult,
  CompleteInput,
  Movement,
  NewResource,
  Page,
  Pruned,
  ReleaseInput,
  ResourceRow,
  Store,
  Transition,
} from "./store.ts";
export { StoreError, type StoreEffect, type StoreErrorCode } from "./errors.ts";
export { maxPageRows, sqliteLimits, type SqliteLimits } from "./limits.ts";
export { sealer, type Sealer, type SealingKey } from "./seal.ts";
export { openSqliteStore, type SqliteOptions } from "./sqlite.ts";
export { inMemory } from "./sqlite-port.ts";
