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
  Retention,
  Store,
  Transition,
} from "./store.ts";
export type * from "./store-evidence.ts";
export type * from "./store-recovery.ts";
export type * from "./store-webhooks.ts";
export { genesisHash, linkHash, rowDigest, verifyChain, type ChainVerdict } from "./evidence.ts";
export type { ChainHead } from "./units-evidence.ts";
export { StoreError, type StoreEffect, type StoreErrorCode } from "./errors.ts";
export { maxPageRows, sqliteLimits, type SqliteLimits } from "./limits.ts";
export { sealer, type Sealer, type SealingKey } from "./seal.ts";
export { openStore, type StoreSetting } from "./open.ts";
export { openSqliteStore, type SqliteOptions } from "./sqlite.ts";
export { inMemory } from "./sqlite-port.ts";
export { openPostgresStore, type PostgresOptions } from "./pg.ts";
export { migratePostgres } from "./pg-migrate.ts";
export { postgresLimits, type PostgresLimits } from "./pg-limits.ts";
