import { setTimeout as sleep } from "node:timers/promises";
import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { generateJwk, loadSignKey } from "#signature";
import type { SignKey } from "#signature";
import { inMemory, openSqliteStore, sealer, StoreError } from "#store";
import type { AuditEntry, Store } from "#store";
import { checkCheckpoint } from "./checkpoint.ts";
import type { EvidenceLimits } from "./limits.ts";
import { startRecorder } from "./recorder.ts";
import type { RecorderPorts } from "./recorder.ts";
import { allIntact } from "./report.ts";
import { verifyChains } from "./verify.ts";

let store: Store;
let key: SignKey;
const alarms: string[] = [];

beforeEach(async () => {
  const keys = [{ id: "1", key: randomBytes(32).toString("base64url") }];
  store = await openSqliteStore({ path: inMemory, sealer: sealer({ keys }) });
  key = await loadSignKey(await generateJwk());
  alarms.length = 0;
});

afterEach(() => store.close());

const fast: Partial<EvidenceLimits> = { retryAfterMs: [5], placeWaitMs: 50 };

function start(limits: Partial<EvidenceLimits> = {}, ports: Partial<RecorderPorts> = {}) {
  const alarm = (what: string): void => void alarms.push(what);
  return startRecorder({ store, key, now: () => new Date(), alarm, ...ports }, { ...fast, ...limits });
}

const entry = (requestId: string, facts: AuditEntry["facts"] = {}): AuditEntry => ({
  atMs: 1,
  requestId,
  kind: "exchange",
  facts: { status: 200, ...facts },
});

/** What stands in the chain behind its start. */
async function recorded(): Promise<string[]> {
  const [chain = ""] = await store.chains();
  return (await store.auditRows(chain, { limit: 200 })).slice(1).map(({ requestId }) => requestId);
}

async function intact(): Promise<boolean> {
  const reports = await Array.fromAsync(verifyChains({ store, keys: new Map([[key.keyid, key]]) }));
  return allIntact(reports);
}

/** The store, failing its first appends: before they happen, or after. */
function failing(times: number, how: "before" | "after", code: "store_unavailable" | "conflict" = "store_unavailable") {
  let left = times;
  const faulty: Store = {
    ...store,
    async appendAudit(entries) {
      const fails = entries[0]?.kind === "exchange" && left-- > 0;
      if (fails && how === "before") throw new StoreError(code, "no");
      const head = await store.appendAudit(entries);
      if (fails) throw new StoreError(code, "no answer", "unknown");
      return head;
    },
  };
  return faulty;
}

describe("recording", () => {
  it("keeps the order, across batches, and signs a checkpoint after so many entries and at the end", async () => {
    const signed: number[] = [];
    const recorder = await start(
      { maxBatchEntries: 7, checkpointEveryEntries: 20 },
      { onCheckpoint: ({ number }) => void signed.push(number) },
    );
    const ids = Array.from({ length: 50 }, (_, at) => `req-${at}`);
    for (const id of ids) recorder.record(entry(id), await recorder.place());
    await recorder.drain();
    expect(await recorded()).toEqual(ids);
    expect(signed.at(-1)).toBe(51);
    expect(signed.length).toBeGreaterThan(2);
    const [chain = ""] = await store.chains();
    for (const checkpoint of await store.checkpoints(chain)) {
      expect(checkCheckpoint(checkpoint, new Map([[key.keyid, key]]))).toBe("valid");
    }
    expect(await intact()).toBe(true);
    expect(alarms).toEqual([]);
  });

  it("signs by time, and covers what others appended to the chain", async () => {
    const recorder = await start({ checkpointEveryMs: 20 });
    recorder.run();
    await store.appendAudit([{ ...entry("act"), kind: "operator" }]);
    const [chain = ""] = await store.chains();
    await expect.poll(async () => (await store.checkpoints(chain)).at(-1)?.number).toBe(2);
    await recorder.drain();
    expect(await store.checkpoints(chain)).toHaveLength(1);
  });

  it.each(["before", "after"] as const)("stores once and alarms when the store fails %s it happened", async (how) => {
    const recorder = await start({}, { store: failing(3, how) });
    for (const id of ["one", "two", "three"]) recorder.record(entry(id), await recorder.place());
    await recorder.drain();
    expect(await recorded()).toEqual(["one", "two", "three"]);
    expect(alarms).toContain("evidence_not_stored");
    expect(await intact()).toBe(true);
  });

  it("loses only the entry that the store can never take, loudly", async () => {
    const recorder = await start();
    recorder.record(entry("good"), await recorder.place());
    recorder.record(entry("bad", { fraction: 0.5 }), await recorder.place());
    recorder.record(entry("fine"), await recorder.place());
    await recorder.drain();
    expect(await recorded()).toEqual(["good", "fine"]);
    expect(alarms).toContain("evidence_lost");
  });
});

describe("when the store falls behind", () => {
  it("makes calls wait for a place, then refuses them, and loses none that has one", async () => {
    const held = Promise.withResolvers<void>();
    const slow: Store = {
      ...store,
      async appendAudit(entries) {
        if (entries[0]?.kind === "exchange") await held.promise;
        return store.appendAudit(entries);
      },
    };
    const recorder = await start({ maxPlaces: 2 }, { store: slow });
    const watched = recorder.watch(store);
    await watched.health();
    for (const id of ["one", "two"]) recorder.record(entry(id), await recorder.place());
    expect(await recorder.place()).toBeUndefined();
    await expect(watched.health()).rejects.toThrow("evidence waits to be stored");
    recorder.record(entry("refused", { code: "store_unavailable" }));
    const waiting = recorder.place();
    held.resolve();
    const place = await waiting;
    expect(place).toBeDefined();
    recorder.record(entry("three"), place);
    await recorder.drain();
    expect(await recorded()).toEqual(["one", "two", "three"]);
    await watched.health();
  });

  it("is not ready once nothing was stored for the bound, and ready again afterwards", async () => {
    const recorder = await start({ maxFailingMs: 30, retryAfterMs: [10] }, { store: failing(20, "before") });
    const watched = recorder.watch(store);
    recorder.record(entry("one"), await recorder.place());
    await sleep(1);
    await watched.health();
    await expect
      .poll(
        () =>
          watched.health().then(
            () => "ready",
            () => "not ready",
          ),
        { interval: 5 },
      )
      .toBe("not ready");
    await expect
      .poll(() =>
        watched.health().then(
          () => "ready",
          () => "not ready",
        ),
      )
      .toBe("ready");
    await recorder.drain();
    expect(await recorded()).toEqual(["one"]);
  });

  it("gives up a drain in time, and says how much is lost", async () => {
    const recorder = await start({ drainWithinMs: 50 }, { store: failing(Infinity, "before") });
    recorder.record(entry("one"), await recorder.place());
    await recorder.drain();
    expect(alarms.at(-1)).toBe("evidence_lost");
  });
});

describe("a flood of refused requests", () => {
  it("is recorded up to a bound for each code, the rest counted in the next entry", async () => {
    const recorder = await start({ maxRefusedPerMinuteAndCode: 3, refusedWindowMs: 60_000 });
    for (let at = 0; at < 100; at += 1) recorder.record(entry(`flood-${at}`, { code: "signature_missing" }));
    recorder.record(entry("other", { code: "signature_invalid" }));
    recorder.record(entry("signed"), await recorder.place());
    await recorder.drain();
    expect(await recorded()).toEqual(["flood-0", "flood-1", "flood-2", "other", "signed"]);
    expect((await store.auditOf("other"))[0]?.facts["unrecordedBefore"]).toBe(97);
    expect((await store.auditOf("signed"))[0]?.facts["unrecordedBefore"]).toBeUndefined();
  });

  it("is recorded again in the next window", async () => {
    const recorder = await start({ maxRefusedPerMinuteAndCode: 1, refusedWindowMs: 20 });
    recorder.record(entry("one", { code: "signature_missing" }));
    recorder.record(entry("two", { code: "signature_missing" }));
    await sleep(30);
    recorder.record(entry("three", { code: "signature_missing" }));
    await recorder.drain();
    expect(await recorded()).toEqual(["one", "three"]);
  });
});
