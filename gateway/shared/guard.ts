import { setImmediate as nextTurn } from "node:timers";
import { NonceWindowFull } from "#signature";
import type { Counts, FarCounts } from "./counts.ts";
import type { NearCounts } from "./memory.ts";
import { awayAfterTimeouts, probeEveryMs, startPatienceMs } from "./limits.ts";

export interface GuardPorts {
  /** One question, from here to its answer. */
  timeoutMs: number;
  /** It does not answer: from now on this process counts by itself. */
  onAway(reason: string): void;
  onBack(): void;
  /** One thing that was counted by this process alone. */
  onAlone(what: "quota" | "nonce"): void;
}

export interface GuardedCounts extends Counts {
  close(): Promise<void>;
}

/**
 * Far counts; near ones for a question that is not answered within `timeoutMs`, and for all while the far ones are away: then
 * nothing is asked there, and nobody waits, until a probe is answered. Nonces are remembered near in any case, so that the
 * near window knows what this process has seen when it has to stand alone.
 */
export async function guarded(far: FarCounts, near: NearCounts, ports: GuardPorts): Promise<GuardedCounts> {
  let away = false;
  /** Since when nothing was answered that was asked. */
  let silentSinceMs: number | undefined;
  const closing = new AbortController();
  let probing: Promise<void> = Promise.resolve();

  function leave(error: unknown): void {
    if (away || closing.signal.aborted) return;
    away = true;
    ports.onAway(error instanceof Error ? error.message || error.name : String(error));
    probing = probe();
  }

  async function probe(): Promise<void> {
    while (!closing.signal.aborted) {
      await pause(probeEveryMs, closing.signal);
      if (closing.signal.aborted || !(await within(far.ping(), ports.timeoutMs).then(yes, no))) continue;
      away = false;
      silentSinceMs = undefined;
      ports.onBack();
      return;
    }
  }

  /** The far answer; undefined when there is none. */
  async function ask<T>(what: readonly ("quota" | "nonce")[], question: () => Promise<T>): Promise<T | undefined> {
    if (!away) {
      const askedAtMs = performance.now();
      try {
        const answer = await within(question(), ports.timeoutMs);
        silentSinceMs = undefined;
        return answer;
      } catch (error) {
        if (error instanceof NonceWindowFull) throw error;
        silentSinceMs ??= askedAtMs;
        const silentMs = performance.now() - silentSinceMs;
        if (!(error instanceof NoAnswer) || silentMs >= awayAfterTimeouts * ports.timeoutMs) leave(error);
      }
    }
    what.forEach(ports.onAlone);
    return undefined;
  }

  await within(far.ping(), startPatienceMs).catch(leave);

  return {
    async consume(counted, id, quota) {
      const consumed = far.counts.has(counted)
        ? await ask(["quota"], () => far.consume(counted, id, quota))
        : undefined;
      return consumed ?? near.consume(counted, id, quota);
    },
    async admit(nonce, partner, quota) {
      const remembered = await near.remember(nonce).catch((error: unknown) => {
        if (error instanceof NonceWindowFull) return error;
        throw error;
      });
      if (remembered === false) return { fresh: false };
      const admitted = await ask(["nonce", "quota"], () => far.admit(nonce, partner, quota));
      if (admitted !== undefined) return admitted;
      if (remembered !== true) throw remembered;
      return { fresh: true, consumed: await near.consume("partner", partner, quota) };
    },
    async close() {
      closing.abort();
      await probing;
      far.close();
    },
  };
}

class NoAnswer extends Error {
  override readonly name = "NoAnswer";

  constructor(ms: number) {
    super(`no answer within ${ms} ms`);
  }
}

async function within<T>(work: Promise<T>, ms: number): Promise<T> {
  const late = Promise.withResolvers<never>();
  // One turn more: after a stall of the event loop the timer is seen before an answer that has long been there.
  const timer = setTimeout(() => nextTurn(() => late.reject(new NoAnswer(ms))), ms);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => resolve(clearTimeout(timer)), { once: true });
  });
}

const yes = (): boolean => true;
const no = (): boolean => false;
