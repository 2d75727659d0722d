import { boundedLimit } from "./limits.ts";
import { prune } from "./pruning.ts";
import { evidence } from "./sealed-evidence.ts";
import { sealedRecovery } from "./sealed-recovery.ts";
import { sealedRows } from "./sealed-rows.ts";
import { sealedWebhookRows } from "./sealed-webhook-rows.ts";
import { sealedWebhooks } from "./sealed-webhooks.ts";
import type { Sealer } from "./seal.ts";
import type { ResourceRow, Store } from "./store.ts";
import { StoreError } from "./errors.ts";
import type { ClaimName, Engine, ResourceName } from "./units.ts";

/**
 * The Store over an engine: seals on the way in, opens on the way out, and knows no SQL. It first compares the keys
 * with the anchors that the store keeps.
 * @throws StoreError `wrong_key` when a key id, or the oldest key, is not the one that this store was sealed with.
 */
export async function sealedStore(engine: Engine, sealer: Sealer): Promise<Store> {
  const rows = sealedRows(sealer);
  const claimName = (partner: string, key: string, operationId: string): ClaimName => ({
    partner,
    key: rows.keyIndex(partner, key),
    operationId,
  });
  const find = async (name: ResourceName): Promise<ResourceRow | undefined> => {
    const row = await engine.run("resource", name);
    return row && rows.openResource(row);
  };

  await compareKeys(engine, sealer);

  return {
    ...sealedWebhooks(engine, sealedWebhookRows(sealer)),
    ...sealedRecovery(engine, sealer, rows),
    ...evidence(engine),

    async begin(input) {
      const { nonce, resource, touch } = input;
      const result = await engine.run("begin", {
        ...claimName(input.partner, input.key, input.operationId),
        fingerprint: rows.fingerprintIndex(input.fingerprint),
        nowMs: input.nowMs,
        claimExpiresAtMs: input.claimExpiresAtMs,
        leaseUntilMs: input.leaseUntilMs,
        nonce,
        resource: resource && rows.sealResource(resource),
        touch,
      });
      if (result.kind !== "replay") return result;
      return {
        kind: "replay",
        ...rows.openAnswer(input.partner, input.key, result.status, result.answer),
      };
    },

    async complete(input) {
      const { partner, key, answer, resource, settled } = input;
      await engine.run("complete", {
        claim: key === undefined ? undefined : claimName(partner, key, input.operationId),
        nowMs: input.nowMs,
        answer:
          answer && key !== undefined
            ? { status: answer.status, sealed: rows.sealAnswer(partner, key, answer) }
            : undefined,
        resource: resource && rows.sealMovement(resource.id, resource),
        settled: settled && { id: settled.id, askAtMs: settled.askAtMs ?? null },
      });
    },

    async release(input) {
      await engine.run("release", claimName(input.partner, input.key, input.operationId));
    },

    resource: (id) => find({ id }),
    resourceByHandle: (adapter, handle) => find({ adapter, handle: rows.handleIndex(handle) }),
    async resourceByReference(reference) {
      for (const referenceIndex of rows.referenceIndexes(reference)) {
        const row = await find({ referenceIndex });
        if (row) return row;
      }
      return undefined;
    },

    async resources(partner, kind, { limit, afterId }) {
      const page = await engine.run("resources", { partner, kind, limit: boundedLimit(limit), afterId });
      return page.map(rows.openResource);
    },

    async transitions(id) {
      const history = await engine.run("transitions", { id });
      return history.map(({ from, ...rest }) => (from === null ? rest : { ...rest, from }));
    },

    reroute: (id, adapter) => engine.run("reroute", { id, adapter }),

    async advance(input) {
      const { expectedVersion, nowMs } = input;
      return engine.run("advance", {
        ...rows.sealMovement(input.id, input),
        expectedVersion,
        nowMs,
      });
    },

    claimNonce: (keyid, nonce, expiresAtMs, nowMs) => engine.run("claimNonce", { keyid, nonce, expiresAtMs, nowMs }),

    prune: (nowMs, retention = {}) => prune(engine, nowMs, retention),

    async health() {
      await engine.run("ping", undefined);
    },

    close: () => engine.close(),
  };
}

async function compareKeys(engine: Engine, sealer: Sealer): Promise<void> {
  const stored = new Map((await engine.run("anchor", [...sealer.anchors])).map((kept) => [kept.name, kept.digest]));
  for (const { name, digest } of sealer.anchors) {
    const kept = stored.get(name);
    if (kept && Buffer.from(digest).equals(kept)) continue;
    const what = name === "index" ? "the last (oldest) store key" : `store key ${name.slice("seal:".length)}`;
    throw new StoreError("wrong_key", `${what} is not the one that this store was sealed with`);
  }
}
