/** How rows hang together; the hash itself is the store's (store/evidence.ts). */
import { genesisHash, linkHash } from "#store";
import type { AuditEntry, AuditRow, ChainHead } from "#store";

/** What stands before a chain's first row. */
export function originOf(chain: string): ChainHead {
  return { chain, number: 0, hash: genesisHash(chain) };
}

/** Whether the row is the one that was written right after this head, under whatever number it is found. */
export function follows({ chain, number, hash }: ChainHead, row: AuditRow): boolean {
  try {
    return linkHash(hash, { ...row, chain, number: number + 1 }) === row.hash;
  } catch {
    // Not the canonical form: never written so.
    return false;
  }
}

export function headOf({ chain, number, hash }: AuditRow): ChainHead {
  return { chain, number, hash };
}

/** The entry that became this row. */
export function entryOf({ chain: _chain, number: _number, hash: _hash, ...entry }: AuditRow): AuditEntry {
  return entry;
}
