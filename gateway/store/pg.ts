import { StoreError } from "./errors.ts";
import { lanes } from "./pg-lanes.ts";
import { postgresLimits, type PostgresLimits } from "./pg-limits.ts";
import { postgresLink } from "./pg-link.ts";
import { checkSchema } from "./pg-migrate.ts";
import { sealedStore } from "./sealed-store.ts";
import type { Sealer } from "./seal.ts";
import type { Store } from "./store.ts";

export interface PostgresOptions {
  /** `postgres://user@host:port/database`; `options=-c search_path=…` names another schema, `sslmode` asks for TLS. */
  url: string;
  sealer: Sealer;
  limits?: Partial<PostgresLimits>;
}

/**
 * The store of several gateway instances: PostgreSQL 14 or newer, its schema brought up by `npm run migrate`.
 * @throws StoreError `store_unavailable` (nobody answers, no login, commits that are not synced), `schema_mismatch`,
 *   `wrong_key`.
 */
export async function openPostgresStore({ url, sealer, limits }: PostgresOptions): Promise<Store> {
  const bounds = { ...postgresLimits, ...limits };
  const link = postgresLink(url, bounds);
  const engine = lanes(link, bounds);
  try {
    await link.read(async (run) => {
      const [server] = await run<{ fsync: string }>({ text: "SHOW fsync" });
      if (server?.fsync !== "on") throw new StoreError("store_unavailable", "the database does not sync its commits");
      await checkSchema(run);
    });
    return await sealedStore(engine, sealer);
  } catch (thrown) {
    await engine.close();
    throw thrown;
  }
}
