/** Group commit in front of the floor's worker: while one batch is on disk, the next one fills. */
import { Worker } from "node:worker_threads";
import type { FloorWrite } from "./floor-store-worker.ts";

export interface FloorStore {
  /** Resolves when it is durable: whether it changed anything. */
  write(write: FloorWrite): Promise<boolean>;
}

export function openFloorStore(file: string): FloorStore {
  const worker = new Worker(new URL("./floor-store-worker.ts", import.meta.url), { workerData: { file } });
  let waiting: { write: FloorWrite; done: (changed: boolean) => void }[] = [];
  let onDisk: typeof waiting = [];
  const flush = (): void => {
    if (onDisk.length > 0 || waiting.length === 0) return;
    onDisk = waiting;
    waiting = [];
    worker.postMessage(onDisk.map(({ write }) => write));
  };
  worker.on("error", (error) => {
    throw error;
  });
  worker.on("message", (changes: (number | bigint)[]) => {
    const settled = onDisk;
    onDisk = [];
    for (const [index, { done }] of settled.entries()) done(Number(changes[index]) === 1);
    flush();
  });
  return {
    write: (write) =>
      new Promise((done) => {
        waiting.push({ write, done });
        if (waiting.length === 1) setImmediate(flush);
      }),
  };
}
