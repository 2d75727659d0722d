import cluster from "node:cluster";
import { createServer } from "node:http";
import type { GatewayConfig } from "../config/index.ts";
import { closeGracefully, listen } from "../inbound/index.ts";
import { openCounts } from "../shared/index.ts";
import { createLogger } from "../telemetry/logger.ts";
import { createMetrics } from "../telemetry/metrics.ts";
import { poolAdmin } from "./admin.ts";
import { startPool } from "./pool.ts";

export interface RunningPrimary {
  /** Rejects when the whole has to end. */
  failed: Promise<never>;
  /** True when every worker left well. */
  drain(): Promise<boolean>;
  kill(): void;
}

/**
 * The first process of several: accepts for all of them, counts for all of them, serves the admin port, and replaces who
 * dies. It handles no request of a partner's.
 */
export async function runPrimary(config: GatewayConfig, workers: number): Promise<RunningPrimary> {
  await using undo = new AsyncDisposableStack();
  const logger = createLogger(config.logLevel, { role: "primary" });
  const metrics = createMetrics();
  const alarm = (what: string, detail: Record<string, unknown>): void => {
    metrics.alarm(what);
    logger.error({ ...detail, alarm: what }, "alarm");
  };
  const counts = await openCounts(
    { nowMs: Date.now, logger, alarm, onShared: metrics.sharedLimits, onAlone: metrics.countedAlone },
    { setting: config.shared, workers },
  );
  undo.defer(() => counts.close());
  // One queue of connections, dealt out in turn: left to the kernel, some workers get most of them.
  cluster.schedulingPolicy = cluster.SCHED_RR;
  let draining = false;
  const pool = startPool({ workers, counts, logger, onDeath: () => alarm("worker died", {}) });
  undo.defer(() => pool.kill());
  const admin = createServer(poolAdmin(pool, metrics.registry, () => draining));
  await listen(admin, config.admin.host, config.admin.port);
  undo.move();
  return {
    failed: pool.failed,
    kill: pool.kill,
    async drain() {
      draining = true;
      const well = await pool.drain();
      await closeGracefully(admin, 0);
      await counts.close();
      return well;
    },
  };
}
