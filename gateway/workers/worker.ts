import type { Server } from "node:http";
import { ConfigError } from "../config/index.ts";
import type { FarCounts } from "../shared/index.ts";
import { askServer } from "./admin-ask.ts";
import type { AdminAsk } from "./admin-ask.ts";
import { countsOfPrimary } from "./counts.ts";
import { askTimeoutMs, lastWordsMs } from "./limits.ts";
import { openLine } from "./line.ts";

/** What a worker needs of its gateway. */
export interface WorkerGateway {
  ready: Promise<void>;
  drain(): Promise<void>;
}

/** What the gateway gets of its primary. */
export interface OfPrimary {
  counts: FarCounts;
  serveAdmin(server: Server): void;
}

/**
 * One worker: a whole gateway that shares the primary's port, counts through it, and is asked by it for what the admin port
 * shows. It ends when the primary says so, or is gone. Exit codes: 0 drained, 1 could not start or go on.
 */
export async function runWorker(start: (primary: OfPrimary) => Promise<WorkerGateway>): Promise<void> {
  const admin = Promise.withResolvers<Server>();
  const started = Promise.withResolvers<WorkerGateway>();
  started.promise.catch(() => undefined);
  let draining: Promise<void> | undefined;
  const drain = (): Promise<void> => {
    draining ??= started.promise.then((gateway) => gateway.drain());
    return draining;
  };
  const leave = (): void => void drain().then(() => process.exit(0), fail);
  const line = openLine(
    {
      send: (message, sent) => process.send?.(message, undefined, undefined, sent),
      listen: (heard) => process.on("message", heard),
    },
    { admin: async (ask: AdminAsk) => askServer(await admin.promise, ask), drain: leave },
  );
  // A terminal's Ctrl-C reaches every process of the group; to the primary it means the same.
  process.on("SIGTERM", leave);
  process.on("SIGINT", leave);

  async function fail(fault: unknown): Promise<never> {
    const text = fault instanceof Error ? (fault.stack ?? fault.message) : String(fault);
    const why = fault instanceof ConfigError ? fault.message : text;
    await line.ask("failed", why, lastWordsMs).catch(() => undefined);
    process.exit(1);
  }

  try {
    const counts = countsOfPrimary(line);
    started.resolve(await start({ counts, serveAdmin: (server) => admin.resolve(server) }));
    await line.ask("up", undefined, askTimeoutMs);
    const gateway = await started.promise;
    await gateway.ready;
    await line.ask("ready", undefined, askTimeoutMs);
  } catch (error) {
    started.reject(error);
    if (draining === undefined) await fail(error);
  }
}
