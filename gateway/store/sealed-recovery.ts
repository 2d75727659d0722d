import { boundedLimit } from "./limits.ts";
import type { Place, Sealer } from "./seal.ts";
import type { sealedRows } from "./sealed-rows.ts";
import { sealedText } from "./sealed-text.ts";
import type { QuarantineRow, RecoveryStore } from "./store-recovery.ts";
import type { Engine } from "./units.ts";

const quarantinePlace = (id: string): Place => ({ table: "quarantine", column: "sealed", row: [id] });

/** The RecoveryStore over an engine. Sealed: a quarantined request with its digest, which is looked up blinded. */
export function sealedRecovery(engine: Engine, sealer: Sealer, rows: ReturnType<typeof sealedRows>): RecoveryStore {
  const { sealJson, openJson } = sealedText(sealer);
  return {
    async dueResources({ nowMs, leaseUntilMs, limit }) {
      const due = await engine.run("dueResources", { nowMs, leaseUntilMs, limit: boundedLimit(limit) });
      return due.map(({ resource, asks }) => ({ resource: rows.openResource(resource), asks, leaseUntilMs }));
    },

    asked: ({ id, leaseUntilMs, nowMs, askAtMs, stuck }) =>
      engine.run("asked", { id, leaseUntilMs, nowMs, askAtMs: askAtMs ?? null, stuck }),

    askNow: (id, nowMs) => engine.run("askNow", { id, nowMs }),

    async stuck({ limit, afterId }) {
      const page = await engine.run("stuck", { limit: boundedLimit(limit), afterId });
      return page.map(({ resource, ...rest }) => ({ resource: rows.openResource(resource), ...rest }));
    },

    async quarantine({ id, adapter, why, digest, request, firstAtMs }) {
      await engine.run("quarantine", {
        id,
        adapter,
        why,
        digestIndex: sealer.blind("callback", digest),
        sealed: sealJson(quarantinePlace(id), { digest, request }),
        firstAtMs,
      });
    },

    async quarantined({ limit, afterId }) {
      const page = await engine.run("quarantined", { limit: boundedLimit(limit), afterId });
      return page.map(({ sealed, ...rest }) => {
        const opened = openJson(quarantinePlace(rest.id), sealed) as Partial<QuarantineRow>;
        return { ...rest, digest: String(opened.digest), request: opened.request };
      });
    },
  };
}
