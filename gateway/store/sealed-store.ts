import { maxPageRows, maxPruneSliceRows, maxPruneSlices } from "./limits.ts";
import { sealedRows } from "./sealed-rows.ts";
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
    async begin(input) {
      const { nonce, resource } = input;
      const result = await engine.run("begin", {
        ...claimName(input.partner, input.key, input.operationId),
        fingerprint: rows.fingerprintIndex(input.fingerprint),
        nowMs: input.nowMs,
        claimExpiresAtMs: input.claimExpiresAtMs,
        leaseUntilMs: input.leaseUntilMs,
        nonce,
        resource: resource && rows.sealResource(resource),
      });
      if (result.kind !== "replay") return result;
      return {
        kind: "replay",
        ...rows.openAnswer(input.partner, input.key, result.status, result.answer),
      };
    },

    async complete(input) {
      const { partner, key, answer, resource } = input;
      await engine.run("complete", {
        claim: key === undefined ? undefined : claimName(partner, key, input.operationId),
        nowMs: input.nowMs,
        answer:
          answer && key !== undefined
            ? { status: answer.status, sealed: rows.sealAnswer(partner, key, answer) }
            : undefined,
        resource: resource && rows.sealMovement(resource.id, resource),
      });
    },

    async release(input) {
      await engine.run("release", claimName(input.partner, input.key, input.operationId));
    },

    resource: (id) => find({ id }),
    resourceByHandle: (adapter, handle) => find({ adapter, handle: rows.handleIndex(handle) }),
    resourceByReference: (reference) => find({ referenceIndex: rows.referenceIndex(reference) }),

    async resources(partner, kind, { limit, afterId }) {
      if (!Number.isInteger(limit) || limit < 1 || limit > maxPageRows) {
        throw new RangeError(`limit must be a whole number from 1 to ${maxPageRows}`);
      }
      const page = await engine.run("resources", { partner, kind, limit, afterId });
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

    async prune(nowMs) {
      const gone = { nonces: 0, claims: 0 };
      for (let slice = 0; slice < maxPruneSlices; slice += 1) {
        const went = await engine.run("prune", { nowMs, maxRows: maxPruneSliceRows });
        gone.nonces += went.nonces;
        gone.claims += went.claims;
        if (went.nonces < maxPruneSliceRows && went.claims < maxPruneSliceRows) break;
      }
      return gone;
    },

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
