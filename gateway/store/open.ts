import { openPostgresStore } from "./pg.ts";
import { sealer } from "./seal.ts";
import type { SealerConfig } from "./seal.ts";
import { openSqliteStore } from "./sqlite.ts";
import type { Store } from "./store.ts";

/** The configuration of a store: an embedded file for one process, or a PostgreSQL database for several. */
export type StoreSetting = SealerConfig & ({ file: string } | { url: string });

/** Opens the engine that the setting names. @throws StoreError */
export function openStore(setting: StoreSetting): Promise<Store> {
  const seal = sealer(setting);
  return "file" in setting
    ? openSqliteStore({ path: setting.file, sealer: seal })
    : openPostgresStore({ url: setting.url, sealer: seal });
}
