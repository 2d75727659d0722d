import type { Adapter, OperationId } from "#capability";
import type { MockDefinition } from "#mocks";
import type { Bench } from "./bench.ts";

/** What a test runner gives: vitest's functions, or those of `runner.ts`. */
export interface Runner {
  describe(name: string, body: () => void): unknown;
  it: {
    (name: string, body: () => Promise<void>, timeoutMs?: number): unknown;
    skip(name: string, body?: () => Promise<void>): unknown;
  };
  expect(value: unknown): { toBe(expected: unknown): unknown };
  /** Without it the suite stops its adapter in a last test. */
  afterAll?(body: () => Promise<void>): unknown;
}

/** What did not hold: what was promised, what came instead, and the file to look into. */
export interface Finding {
  expected: string;
  happened: string;
  look: string;
}

/** What is known of an adapter before anything runs. */
export interface Subject {
  adapter: Adapter;
  mock: MockDefinition;
  /** The folder of adapters that holds it. */
  adaptersDir: string;
  /** The operations that it maps, in the contract's order. */
  operations: readonly OperationId[];
}

/** One thing that a law says of one adapter. */
export type Check = { name: string } & ({ skip: string } | { prove(bench: Bench): Promise<Finding[]> });

/** A law of the design, section 6: one promise that every adapter keeps. */
export interface Law {
  name: string;
  promise: string;
  checks(subject: Subject): Check[];
}

/** The result of one check; `reason` of one that was skipped. */
export interface CheckResult {
  law: string;
  check: string;
  result: "passed" | "failed" | "skipped";
  reason?: string;
  durationMs: number;
}

/** What the kit found about one adapter. */
export interface CheckReport {
  adapter: string;
  results: readonly CheckResult[];
  passed: number;
  failed: number;
  skipped: number;
  durationMs: number;
}
