import { batchPromises } from "./suite-batches.ts";
import { claimPromises } from "./suite-claims.ts";
import { deliveryPromises } from "./suite-deliveries.ts";
import { evidencePromises } from "./suite-evidence.ts";
import { recoveryPromises } from "./suite-recovery.ts";
import { resendPromises } from "./suite-resend.ts";
import { resourcePromises } from "./suite-resources.ts";
import { retentionPromises } from "./suite-retention.ts";
import { touchPromises } from "./suite-touches.ts";
import { upkeepPromises } from "./suite-upkeep.ts";
import { webhookPromises } from "./suite-webhooks.ts";
import type { Store } from "./store.ts";

/** The part of a test runner that the suite needs; vitest's own functions fit. */
export interface Runner {
  describe: (name: string, body: () => void) => unknown;
  it: (name: string, body: () => Promise<void>) => unknown;
  expect: (value: unknown) => Expectation;
}

interface Expectation {
  toBe(value: unknown): void;
  toEqual(value: unknown): void;
  toMatchObject(value: object): void;
  toBeUndefined(): void;
  rejects: { toMatchObject(value: object): Promise<void>; toThrow(message: string): Promise<void> };
}

/** States one promise as a test; its store is fresh, and closed afterwards. */
export type Promised = (promise: string, proof: (store: Store) => Promise<void>) => void;

/**
 * What every engine must hold, whichever it is: one line makes it an engine's proof.
 * @param open gives a store that is empty
 * @param runner the caller's describe, it and expect
 */
export function storeSuite(name: string, open: () => Promise<Store>, { describe, it, expect }: Runner): void {
  const promised: Promised = (promise, proof) => {
    it(promise, async () => {
      const store = await open();
      try {
        await proof(store);
      } finally {
        await store.close();
      }
    });
  };
  describe(`store: ${name}`, () => {
    describe("batches", () => batchPromises(promised, expect));
    describe("claims", () => claimPromises(promised, expect));
    describe("resources", () => resourcePromises(promised, expect));
    describe("events and endpoints", () => webhookPromises(promised, expect));
    describe("deliveries", () => deliveryPromises(promised, expect));
    describe("sending again", () => resendPromises(promised, expect));
    describe("recovery", () => recoveryPromises(promised, expect));
    describe("acts under way", () => touchPromises(promised, expect));
    describe("evidence", () => evidencePromises(promised, expect));
    describe("upkeep", () => upkeepPromises(promised, expect));
    describe("retention", () => retentionPromises(promised, expect));
  });
}
