import { hash as digestOf } from "node:crypto";
import { StoreError } from "./errors.ts";
import type { AuditCheckpoint, AuditEntry, AuditRow } from "./store-evidence.ts";
import type { ChainHead } from "./units-evidence.ts";

/** What canonicalJson writes: no fractions, no null, no lists; none is needed for evidence. */
export type Canonical = string | number | { [name: string]: Canonical };

/**
 * The canonical JSON of RFC 8785 for strings, whole numbers and objects of them: members in the order of their names'
 * UTF-16 code units, no white space, ECMAScript's own escapes.
 * @throws StoreError `conflict` for anything else, a number beyond 2^53 - 1, or a lone surrogate.
 */
export function canonicalJson(value: Canonical): string {
  if (isScalar(value)) return JSON.stringify(value);
  const names = Object.keys(value).toSorted((one, other) => (one < other ? -1 : 1));
  return `{${names.map((name) => `${canonicalJson(name)}:${canonicalJson(value[name] as Canonical)}`).join(",")}}`;
}

/**
 * Whether there is a canonical form, without making it.
 * @throws StoreError `conflict` as `canonicalJson` does.
 */
export function refuseUncanonical(value: Canonical): void {
  if (isScalar(value)) return;
  for (const name of Object.keys(value)) {
    isScalar(name);
    refuseUncanonical(value[name] as Canonical);
  }
}

/** True for a string or a whole number, false for an object; throws for anything else. */
function isScalar(value: Canonical): value is string | number {
  if (typeof value === "string" && value.isWellFormed()) return true;
  if (typeof value === "number" && Number.isSafeInteger(value)) return true;
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return false;
  throw new StoreError("conflict", "evidence holds strings and whole numbers only");
}

/** What the first row of a chain is linked to: hex SHA-256 over the chain's id. */
export function genesisHash(chain: string): string {
  return sha256(`qiao audit chain\n${chain}`);
}

/** A row's digest: hex SHA-256 over the canonical JSON of all of the row but its hash. */
export function rowDigest(row: Omit<AuditRow, "hash">): string {
  const { chain, number, atMs, requestId, kind, partner, facts } = row;
  const whole = { chain, number, atMs, requestId, kind, facts, ...(partner === undefined ? {} : { partner }) };
  return sha256(canonicalJson(whole));
}

/**
 * A row's link: hex SHA-256 over the previous row's hash and the row's digest, both hex. Over the digest, so that a stretch of
 * the chain can be shown to somebody who may not see the rows in it.
 */
export function linkHash(previous: string, row: Omit<AuditRow, "hash">): string {
  return sha256(previous + rowDigest(row));
}

/** The rows that entries become behind a head; undefined: behind none, at the start of the chain. */
export function chained(
  chain: string,
  head: Omit<ChainHead, "chain"> | undefined,
  entries: readonly AuditEntry[],
): AuditRow[] {
  let { number, hash } = head ?? { number: 0, hash: genesisHash(chain) };
  return entries.map(({ atMs, requestId, kind, partner, facts }) => {
    number += 1;
    const row = { chain, number, atMs, requestId, kind, facts, ...(partner === undefined ? {} : { partner }) };
    hash = linkHash(hash, row);
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
