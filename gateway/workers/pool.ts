import cluster from "node:cluster";
import type { Worker } from "node:cluster";
import type { Logger } from "pino";
import type { Counts } from "../shared/index.ts";
import { countsAnswers } from "./counts.ts";
import { askTimeoutMs, deathWindowMs, drainWithinMs, maxDeaths, maxReplaceAfterMs, replaceAfterMs } from "./limits.ts";
import { openLine } from "./line.ts";
import type { Line } from "./line.ts";

/** No workers can be had: why the last one ended. */
export class WorkersFailed extends Error {
  override readonly name = "WorkersFailed";
}

/** `starting`: does not take connections yet; `up`: it does, without its store; `ready`: its store was in use once. */
type WorkerState = "starting" | "up" | "ready";

export interface PooledWorker {
  readonly id: number;
  readonly pid: number;
  readonly state: WorkerState;
  readonly line: Line;
}

export interface Pool {
  workers(): readonly PooledWorker[];
  /** Rejects with why, when workers die too often, or one says that no other could start. Never resolves. */
  failed: Promise<never>;
  /** True when all of them left well and in time; those that did not are killed. */
  drain(): Promise<boolean>;
  kill(): void;
}

export interface PoolOptions {
  workers: number;
  counts: Counts;
  logger: Logger;
  onDeath(): void;
}

interface Member extends PooledWorker {
  state: WorkerState;
  worker: Worker;
  gone: PromiseWithResolvers<void>;
  /** Its last words, if it had any. */
  failure?: string;
}

/** Keeps so many workers running: one that dies is replaced, after a pause that grows with how many died lately. */
export function startPool({ workers, counts, logger, onDeath }: PoolOptions): Pool {
  const members = new Set<Member>();
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => undefined);
  const deathsMs: number[] = [];
  const pauses = new Set<NodeJS.Timeout>();
  let everReady = false;
  let draining = false;
  let unclean = 0;

  function add(): void {
    const worker = cluster.fork();
    const line = openLine(
      {
        send: (message, sent) => void worker.send(message, sent),
        listen: (heard) => worker.on("message", heard),
      },
      {
        ...countsAnswers(counts),
        up: () => reached("up"),
        ready: () => reached("ready"),
        failed: (why: string) => void (member.failure = why),
      },
    );
    const { id } = worker;
    const member: Member = {
      id,
      pid: worker.process.pid ?? 0,
      state: "starting",
      worker,
      line,
      gone: Promise.withResolvers(),
    };
    members.add(member);
    worker.on("error", (error) => {
      logger.error({ worker: id, reason: error.message }, "worker");
      // It could not even be started, so it will not exit either.
      if (worker.process.pid === undefined) buried(member, error.message);
    });
    worker.once("exit", (code, signal) => buried(member, signal ?? code));

    function reached(state: WorkerState): void {
      member.state = state;
      if (state !== "ready") return;
      everReady = true;
      logger.info({ worker: id, workerPid: member.pid }, "worker ready");
    }
  }

  function buried(member: Member, how: string | number): void {
    members.delete(member);
    member.gone.resolve();
    member.line.cut();
    if (how !== 0) unclean += 1;
    if (draining) return;
    onDeath();
    const why = member.failure ?? `worker ${member.id} (pid ${member.pid}) ended: ${how}`;
    logger.error({ worker: member.id, workerPid: member.pid, how, reason: member.failure }, "worker died");
    // What stops the first stops every other.
    if (member.failure !== undefined && !everReady) return end(why);
    const nowMs = performance.now();
    deathsMs.push(nowMs);
    while ((deathsMs[0] ?? nowMs) < nowMs - deathWindowMs) deathsMs.shift();
    if (deathsMs.length > maxDeaths) {
      return end(`${deathsMs.length} workers died within ${deathWindowMs / 1_000} s; the last: ${why}`);
    }
    const pauseMs = Math.min(maxReplaceAfterMs, replaceAfterMs * 2 ** (deathsMs.length - 1));
    const pause = setTimeout(() => {
      pauses.delete(pause);
      add();
    }, pauseMs);
    pauses.add(pause);
  }

  function end(why: string): void {
    failed.reject(new WorkersFailed(why));
    // Without a store nobody has done anything yet.
    if (!everReady) kill();
  }

  function kill(): void {
    for (const { worker } of members) worker.process.kill("SIGKILL");
  }

  for (let count = 0; count < workers; count += 1) add();

  return {
    workers: () => [...members],
    failed: failed.promise,
    kill,
    async drain() {
      draining = true;
      unclean = 0;
      for (const pause of pauses) clearTimeout(pause);
      const late = setTimeout(kill, drainWithinMs);
      const asked = [...members].map(async ({ line, gone }) => {
        // Who dies of it needs no answer.
        await line.ask("drain", undefined, askTimeoutMs).catch(() => undefined);
        await gone.promise;
      });
      await Promise.all(asked);
      clearTimeout(late);
      return unclean === 0;
    },
  };
}
