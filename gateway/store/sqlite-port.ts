import type { Failure } from "./errors.ts";
import type { Packed } from "./sqlite-packer.ts";
import type { PackedOutcome } from "./sqlite-packing.ts";

/** The path of a database without a file: gone with its store. For tests. */
export const inMemory = ":memory:";

/** What the worker is started with. */
export interface WorkerStart {
  path: string;
  busyTimeoutMs: number;
  maxFileBytes: number;
}

export type ToWorker = { kind: "batch"; batch: Packed } | { kind: "close" };

export type FromWorker =
  /** The schema is being brought up, which takes as long as it takes. */
  | { kind: "migrating" }
  | { kind: "ready" }
  | { kind: "failed"; failure: Failure }
  | { kind: "outcomes"; outcomes: PackedOutcome[] };
