import { Fault } from "#capability";
import type { Layer } from "../types.ts";

export interface VendorCallMeasure {
  adapter: string;
  vendorOperation: string;
  /** `done`, or the fault's outcome class. */
  outcome: "done" | "rejected" | "not_sent" | "unknown" | "bug";
  durationMs: number;
}

/** Times the whole vendor call, retries and waits included. */
export const measure =
  (observe: (measure: VendorCallMeasure) => void): Layer =>
  (next) =>
  async (call) => {
    const startedMs = performance.now();
    const tell = (outcome: VendorCallMeasure["outcome"]) =>
      observe({
        adapter: call.adapter.manifest.name,
        vendorOperation: call.operation.id,
        outcome,
        durationMs: performance.now() - startedMs,
      });
    try {
      const result = await next(call);
      tell("done");
      return result;
    } catch (error) {
      tell(error instanceof Fault ? error.outcome : "bug");
      throw error;
    }
  };
