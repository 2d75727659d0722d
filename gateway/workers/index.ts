/** Several processes on one port. See README.md. */
export { WorkersFailed } from "./pool.ts";
export { runPrimary } from "./primary.ts";
export { runWorker } from "./worker.ts";
