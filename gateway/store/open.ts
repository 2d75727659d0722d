import { openPostgresStore } from "./pg.ts";
import { sealer } from "./seal.ts";
import type { SealingKey } from "./seal.ts";
import { openSqliteStore } from "./sqlite.ts";
import type { Store } from "./store.ts";

/** The configuration of a store: an embedded file for one process, or a PostgreSQL database for several. */
export type StoreSetting = { keys: SealingKey[] } & ({ file: string } | { url: string });

/** Opens the engine that the setting names. @throws StoreError */
export function openStore(setting: StoreSetting): Promise<Store> {
  const seal = sealer({ keys: setting.keys });
  return "file" in setting
    ? openSqliteStore({ path: setting.file, sealer: seal })
    : openPostgresStore({ url: setting.url, sealer: seal });
}
