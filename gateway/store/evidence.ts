import { hash as digestOf } from "node:crypto";
import { canonicalJson } from "./canonical.ts";
import type { AuditCheckpoint, AuditEntry, AuditRow } from "./store-evidence.ts";
import type { ChainHead, EntryText, RowText } from "./units-evidence.ts";

/** What the first row of a chain is linked to: hex SHA-256 over the chain's id. */
export function genesisHash(chain: string): string {
  return sha256(`qiao audit chain\n${chain}`);
}

/** A row's digest: hex SHA-256 over the canonical JSON of all of the row but its hash. */
export function rowDigest(row: Omit<AuditRow, "hash">): string {
  return digestOfText({ ...row, facts: canonicalJson(row.facts) });
}

/** The canonical JSON of the whole row around that of its facts, which is most of it. */
function digestOfText({ chain, number, atMs, requestId, kind, partner, facts }: Omit<RowText, "hash">): string {
  const of = partner === undefined ? "" : `"partner":${canonicalJson(partner)},`;
  return sha256(
    `{"atMs":${canonicalJson(atMs)},"chain":${canonicalJson(chain)},"facts":${facts},"kind":${canonicalJson(kind)},` +
      `"number":${canonicalJson(number)},${of}"requestId":${canonicalJson(requestId)}}`,
  );
}

/**
 * A row's link: hex SHA-256 over the previous row's hash and the row's digest, both hex. Over the digest, so that a stretch of
 * the chain can be shown to somebody who may not see the rows in it.
 */
export function linkHash(previous: string, row: Omit<AuditRow, "hash">): string {
  return sha256(previous + rowDigest(row));
}

/** An entry on its way into a store. @throws StoreError `conflict` when it has no canonical form. */
export function entryText({ atMs, requestId, kind, partner, facts }: AuditEntry): EntryText {
  for (const scalar of [atMs, requestId, kind, partner ?? ""]) canonicalJson(scalar);
  return { atMs, requestId, kind, partner, facts: canonicalJson(facts) };
}

/** The rows that entries become behind a head; undefined: behind none, at the start of the chain. */
export function chained(
  chain: string,
  head: Omit<ChainHead, "chain"> | undefined,
  entries: readonly EntryText[],
): RowText[] {
  let { number, hash } = head ?? { number: 0, hash: genesisHash(chain) };
  return entries.map((entry) => {
    number += 1;
    const row = { chain, number, ...entry };
    hash = sha256(hash + digestOfText(row));
    return { ...row, hash };
  });
}

/** `altered`: the row, or one before it, is not what was written; `missing`: it is not there; `cut`: it and all after it. */
export type ChainVerdict =
  | { ok: true; head: ChainHead | undefined }
  | { ok: false; number: number; why: "altered" | "missing" | "cut" };

/**
 * Proves that the rows of one chain, in order, are those that were written.
 * @param about.after the head of the page before; absent: `rows` begin the chain
 * @param about.checkpoints heads whose signatures are already verified, of numbers from this page on. Without one, a tail
 *   that was cut off, or rewritten with new hashes, cannot be seen.
 */
export function verifyChain(
  rows: Iterable<AuditRow>,
  about: { after?: ChainHead; checkpoints?: readonly Pick<AuditCheckpoint, "chain" | "number" | "hash">[] } = {},
): ChainVerdict {
  const checkpoints = about.checkpoints ?? [];
  const signed = new Map(checkpoints.map((each) => [each.number, each]));
  const stands = (at: ChainHead): boolean => {
    const checkpoint = signed.get(at.number);
    return !checkpoint || (checkpoint.hash === at.hash && checkpoint.chain === at.chain);
  };
  let head = about.after;
  for (const row of rows) {
    const number = (head?.number ?? 0) + 1;
    if (row.number > number) return { ok: false, number, why: "missing" };
    const chain = head?.chain ?? row.chain;
    const linked = row.number === number && row.chain === chain && isLinked(head?.hash ?? genesisHash(chain), row);
    if (!linked || !stands(row)) return { ok: false, number, why: "altered" };
    head = { chain, number, hash: row.hash };
  }
  const last = head?.number ?? 0;
  if (checkpoints.some((each) => each.number > last)) return { ok: false, number: last + 1, why: "cut" };
  return { ok: true, head };
}

function isLinked(previous: string, row: AuditRow): boolean {
  try {
    return linkHash(previous, row) === row.hash;
  } catch {
    return false;
  }
}

function sha256(text: string): string {
  return digestOf("sha256", text, "hex");
}
