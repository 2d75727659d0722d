import cluster from "node:cluster";
import { workersOf } from "./config/index.ts";
import { createLogger } from "./telemetry/logger.ts";
import { ConfigError, readConfig, startGateway } from "./wire.ts";
import { runPrimary, runWorker, WorkersFailed } from "./workers/index.ts";

/**
 * The process: config → wire → ready → listen → drain; with `--workers N` that many of them under a primary. Exit codes:
 * 0 drained, 1 could not start or go on, 2 forced.
 */
async function main(): Promise<void> {
  const config = await readConfig(process.env["QIAO_CONFIG"]);
  const workers = workersOf(config, process.argv.slice(2));
  if (cluster.isWorker) {
    const logger = createLogger(config.logLevel, { worker: cluster.worker?.id });
    await runWorker((primary) => startGateway(config, { logger, primary }));
    return;
  }
  if (workers > 1) {
    const primary = await runPrimary(config, workers);
    const stop = stopping(
      () => primary.drain(),
      () => primary.kill(),
    );
    await primary.failed.catch(async (error: unknown) => {
      // Those that still serve finish what they have.
      if (!stop.begun()) await primary.drain();
      throw error;
    });
    return;
  }
  const gateway = await startGateway(config);
  const stop = stopping(async () => {
    await gateway.drain();
    return true;
  });
  await gateway.ready.catch((error: unknown) => {
    if (!stop.begun()) throw error;
  });
}

/** The first signal drains, a second one forces. `drain` tells whether all left well. */
function stopping(drain: () => Promise<boolean>, kill = (): void => undefined): { begun(): boolean } {
  let begun = false;
  const stop = (): void => {
    if (begun) {
      kill();
      process.exit(2);
    }
    begun = true;
    drain().then((well) => process.exit(well ? 0 : 2), fail);
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  return { begun: () => begun };
}

function fail(error: unknown): never {
  const text =
    error instanceof ConfigError || error instanceof WorkersFailed
      ? error.message
      : error instanceof Error
        ? (error.stack ?? error.message)
        : String(error);
  process.stderr.write(`${text}\n`);
  process.exit(1);
}

main().catch(fail);
