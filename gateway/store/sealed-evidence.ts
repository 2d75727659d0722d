import { randomBytes } from "node:crypto";
import { StoreError } from "./errors.ts";
import { entryText } from "./evidence.ts";
import { boundedLimit } from "./limits.ts";
import type { EvidenceStore } from "./store-evidence.ts";
import type { Engine } from "./units.ts";

/** The EvidenceStore over an engine; its chain is this opened store's own. Nothing of it is sealed: it holds no person's data. */
export function evidence(engine: Engine): EvidenceStore {
  const chain = `chain_${randomBytes(16).toString("hex")}`;
  return {
    async appendAudit(entries) {
      if (entries.length === 0) throw new StoreError("conflict", "there is nothing to append");
      // Fails here, before anything is sent; the rows are linked and hashed where they are written.
      return engine.run("appendAudit", { chain, entries: entries.map(entryText) });
    },

    async addCheckpoint(checkpoint) {
      await engine.run("addCheckpoint", checkpoint);
    },

    chains: () => engine.run("chains", undefined),

    auditRows: async (of, { limit, afterNumber }) =>
      engine.run("auditRows", { chain: of, limit: boundedLimit(limit), afterNumber: afterNumber ?? 0 }),

    checkpoints: (of) => engine.run("checkpoints", { chain: of }),
    auditOf: (requestId) => engine.run("auditOf", { requestId }),
  };
}
