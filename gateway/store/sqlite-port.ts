import type { Failure } from "./errors.ts";
import type { Outcome, Unit } from "./units.ts";

/** The path of a database without a file: gone with its store. For tests. */
export const inMemory = ":memory:";

/** What the worker is started with. */
export interface WorkerStart {
  path: string;
  busyTimeoutMs: number;
  maxFileBytes: number;
}

export type ToWorker = { kind: "batch"; units: Unit[] } | { kind: "close" };

export type FromWorker =
  | { kind: "ready" }
  | { kind: "failed"; failure: Failure }
  | { kind: "outcomes"; outcomes: Outcome[] };
