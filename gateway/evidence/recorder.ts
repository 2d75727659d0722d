import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import type { SignKey } from "#signature";
import { maxPageRows, StoreError } from "#store";
import type { AuditEntry, ChainHead, EvidenceStore, Store } from "#store";
import { startEntry } from "./anchors.ts";
import { signCheckpoint } from "./checkpoint.ts";
import { evidenceLimits } from "./limits.ts";
import type { EvidenceLimits } from "./limits.ts";
import { entryOf, headOf } from "./links.ts";
import { createPlaces } from "./places.ts";
import type { Place } from "./places.ts";
import { createQuota } from "./quota.ts";

export interface RecorderPorts {
  store: EvidenceStore;
  key: SignKey;
  now(): Date;
  /** A loud line for what must not happen. */
  alarm(what: string, detail: Record<string, unknown>): void;
  /** Told of each checkpoint: a copy of it outside the store shows it when checkpoints are taken away too. */
  onCheckpoint?(head: ChainHead): void;
}

export interface Recorder {
  /** From now on checkpoints are signed by time too, until `drain`. */
  run(): void;
  /** Room for one exchange, before anything is done for it; undefined when none came free in time: refuse the call. */
  place(): Promise<Place | undefined>;
  /** With a place the entry will be stored. Without one it may only be counted: see `maxRefusedPerMinuteAndCode`. */
  record(entry: AuditEntry, place?: Place): void;
  /** A store's health with the evidence's: bad too when it has taken nothing for `maxFailingMs`, or there is no room. */
  watch(store: Pick<Store, "health">): Pick<Store, "health">;
  /** Stores what waits, then signs a last checkpoint; gives up with an alarm after `drainWithinMs`. */
  drain(): Promise<void>;
}

/**
 * Begins this process's chain, then appends entries in the background, in order, many in one commit, and signs checkpoints.
 * What the store does not take stays queued and is tried again.
 * @throws StoreError when the chain cannot be begun.
 */
export async function startRecorder(ports: RecorderPorts, overrides: Partial<EvidenceLimits> = {}): Promise<Recorder> {
  const { store, alarm } = ports;
  const limits: EvidenceLimits = { ...evidenceLimits, ...overrides };
  const places = createPlaces(limits.maxPlaces);
  const quota = createQuota({
    windowMs: limits.refusedWindowMs,
    maxPerCode: limits.maxRefusedPerMinuteAndCode,
    maxCodes: limits.maxRefusedCodes,
    nowMs: () => performance.now(),
  });
  const queue: { entry: AuditEntry; place: Place }[] = [];
  const givenUp = new AbortController();
  let { maxBatchEntries } = limits;
  let working: Promise<void> | undefined;
  let checkpointDue = false;
  let failures = 0;
  let failingSinceMs: number | undefined;
  let head = await store.appendAudit([await startEntry(store, ports.now().getTime())]);
  let checkpointed = 0;

  const wake = (): void => {
    working ??= work();
  };

  async function work(): Promise<void> {
    while (!givenUp.signal.aborted && (queue.length > 0 || checkpointDue)) {
      if (queue.length < maxBatchEntries && !checkpointDue) await sleep(limits.gatherMs);
      if (queue.length > 0) await storeBatch();
      const due = checkpointDue || head.number - checkpointed >= limits.checkpointEveryEntries;
      checkpointDue = false;
      if (due) await checkpoint();
    }
    working = undefined;
  }

  async function storeBatch(): Promise<void> {
    const batch = queue.slice(0, maxBatchEntries);
    const result = await append(batch.map(({ entry }) => entry));
    if (result === "not_stored") return;
    if (result === "refused" && batch.length > 1) {
      maxBatchEntries = 1;
      return;
    }
    if (result === "refused") alarm("evidence_lost", { entries: 1, requestId: batch[0]?.entry.requestId });
    else head = result;
    queue.splice(0, batch.length);
    places.give(batch.map(({ place }) => place));
    if (queue.length === 0) ({ maxBatchEntries } = limits);
  }

  /** The head after the append; `not_stored`: try it again; `refused`: the store will never take one of these. */
  async function append(entries: AuditEntry[]): Promise<ChainHead | "not_stored" | "refused"> {
    const made = await attempt(() => store.appendAudit(entries));
    if (!("error" in made)) return made.value;
    if (!(made.error instanceof StoreError)) return "not_stored";
    if (made.error.code === "conflict") return "refused";
    const [first] = entries;
    if (made.error.effect === "none" || first === undefined) return "not_stored";
    // An append is one commit: all of it is there, or nothing.
    while (!givenUp.signal.aborted) {
      const rows = await attempt(() => store.auditOf(first.requestId));
      if ("error" in rows) continue;
      const row = rows.value.find((each) => isDeepStrictEqual(entryOf(each), first));
      return row === undefined ? "not_stored" : headOf(row);
    }
    return "not_stored";
  }

  async function attempt<T>(ask: () => Promise<T>): Promise<{ value: T } | { error: unknown }> {
    try {
      const value = await ask();
      failures = 0;
      failingSinceMs = undefined;
      return { value };
    } catch (error) {
      failures += 1;
      failingSinceMs ??= performance.now();
      alarm("evidence_not_stored", { waiting: queue.length, reason: reasonOf(error) });
      const { retryAfterMs } = limits;
      const delayMs = retryAfterMs[Math.min(failures, retryAfterMs.length) - 1] ?? 0;
      await sleep(delayMs, undefined, { signal: givenUp.signal }).catch(() => undefined);
      return { error };
    }
  }

  async function checkpoint(): Promise<void> {
    try {
      head = await newestHead(head);
      if (head.number === checkpointed) return;
      await store.addCheckpoint(signCheckpoint(head, ports.now().getTime(), ports.key));
      checkpointed = head.number;
      ports.onCheckpoint?.(head);
    } catch (error) {
      alarm("evidence_checkpoint_failed", { reason: reasonOf(error) });
    }
  }

  /** Operators' acts are appended to this process's chain too. */
  async function newestHead(known: ChainHead): Promise<ChainHead> {
    let newest = known;
    for (;;) {
      const page = { limit: maxPageRows, afterNumber: newest.number };
      const last = (await store.auditRows(known.chain, page)).at(-1);
      if (last === undefined) return newest;
      newest = headOf(last);
    }
  }

  let timer: NodeJS.Timeout | undefined;

  return {
    run() {
      timer ??= setInterval(() => {
        checkpointDue = true;
        wake();
      }, limits.checkpointEveryMs).unref();
    },

    place: () => places.take(limits.placeWaitMs),

    record(entry, place) {
      const room = place ?? (quota.allows(String(entry.facts["code"] ?? "none")) ? places.takeNow() : undefined);
      if (room === undefined) return quota.miss();
      const missed = quota.missed();
      const facts = missed === 0 ? entry.facts : { ...entry.facts, unrecordedBefore: missed };
      queue.push({ place: room, entry: { ...entry, facts } });
      wake();
    },

    watch: (watched) => ({
      async health() {
        await watched.health();
        const failingMs = failingSinceMs === undefined ? 0 : performance.now() - failingSinceMs;
        if (places.full() || failingMs > limits.maxFailingMs) throw new Error("evidence waits to be stored");
      },
    }),

    async drain() {
      clearInterval(timer);
      const late = setTimeout(() => givenUp.abort(), limits.drainWithinMs);
      await working;
      checkpointDue = true;
      wake();
      await working;
      clearTimeout(late);
      if (queue.length > 0) alarm("evidence_lost", { entries: queue.length });
      const missed = quota.missed();
      if (missed > 0) alarm("evidence_unrecorded", { entries: missed });
    },
  };
}

function reasonOf(error: unknown): string {
  if (error instanceof StoreError) return error.code;
  return error instanceof Error ? error.name : "unknown";
}
