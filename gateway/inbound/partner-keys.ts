import { loadKeySet } from "#signature";
import type { KnownKey } from "#signature";
import type { PartnerConfig } from "../config/index.ts";

/** Every registered key by its id, and whose it is. Throws when two partners share one. */
export async function loadPartnerKeys(
  partners: readonly PartnerConfig[],
): Promise<Map<string, KnownKey<PartnerConfig>>> {
  const known = new Map<string, KnownKey<PartnerConfig>>();
  for (const partner of partners) {
    for (const [keyid, key] of await loadKeySet(partner.jwks)) {
      const other = known.get(keyid)?.partner;
      if (other !== undefined && other.id !== partner.id)
        throw new Error(`partners ${other.id} and ${partner.id} share a key`);
      known.set(keyid, { partner, key });
    }
  }
  return known;
}
