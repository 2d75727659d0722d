/**
 * The first entry of a chain names heads of the chains before it: a chain that is taken away whole, with its checkpoints, is
 * missed by the next one.
 */
import { randomBytes } from "node:crypto";
import type { AuditEntry, ChainHead, EvidenceStore } from "#store";
import { headOf } from "./links.ts";

/** Chains before it that one start names: each is named by this many later starts. */
const maxAnchors = 16;
const started = "started";
const anchorName = /^chain\d+$/;
const anchorForm = /^(\S+) (\d+) ([0-9a-f]{64})$/;

/** The entry with which a process begins its chain. */
export async function startEntry(
  store: Pick<EvidenceStore, "chains" | "checkpoints" | "auditRows">,
  atMs: number,
): Promise<AuditEntry> {
  const facts: AuditEntry["facts"] = { act: started };
  for (const [at, chain] of (await store.chains()).slice(-maxAnchors).entries()) {
    const head = (await store.checkpoints(chain)).at(-1) ?? (await firstRow(store, chain));
    if (head !== undefined) facts[`chain${at + 1}`] = `${head.chain} ${head.number} ${head.hash}`;
  }
  return { atMs, requestId: `start_${randomBytes(12).toString("hex")}`, kind: "operator", facts };
}

/** The heads that an entry names, if it is a start. */
export function anchorsOf({ kind, facts }: AuditEntry): ChainHead[] {
  if (kind !== "operator" || facts["act"] !== started) return [];
  return Object.entries(facts).flatMap(([name, fact]) => {
    const [, chain, number, hash] = anchorName.test(name) ? (anchorForm.exec(String(fact)) ?? []) : [];
    return chain === undefined || hash === undefined ? [] : [{ chain, number: Number(number), hash }];
  });
}

async function firstRow(store: Pick<EvidenceStore, "auditRows">, chain: string): Promise<ChainHead | undefined> {
  const [row] = await store.auditRows(chain, { limit: 1 });
  return row && headOf(row);
}
