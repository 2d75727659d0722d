/** The way to a vendor. */
import { CredentialCache } from "./credentials.ts";
import { createHttp } from "./http.ts";
import { Breakers } from "./layers/isolate.ts";
import type { BreakerState } from "./layers/isolate.ts";
import type { VendorCallMeasure } from "./layers/measure.ts";
import { Transcripts } from "./layers/record.ts";
import { outboundLimits } from "./limits.ts";
import type { IsolationLimits } from "./limits.ts";
import { outboundPipeline } from "./pipeline.ts";
import { vendorClient } from "./client.ts";
import type { ClientContext } from "./client.ts";
import type { Exchange } from "./types.ts";

export { compileSchema, schemaCompiler } from "./spec/compile.ts";
export { loadVendorSpec } from "./spec/index.ts";
export type { VendorSpec, VendorSpecOperation } from "./spec/index.ts";
export { startBudget } from "./layers/budget.ts";
export type { BreakerState } from "./layers/isolate.ts";
export type { VendorCallMeasure } from "./layers/measure.ts";
export type { Transcript } from "./layers/record.ts";
export { outboundLimits } from "./limits.ts";
export type { IsolationLimits } from "./limits.ts";
export type { Budget, CallOrigin, LoadedAdapter } from "./types.ts";

export interface OutboundOptions {
  observe(measure: VendorCallMeasure): void;
  onBreaker(adapter: string, group: string, state: BreakerState): void;
  now(): Date;
  random(): number;
  /** Breakers and bulkheads, where other bounds than the usual ones are wanted. */
  isolation?: Partial<IsolationLimits> | undefined;
}

/** Builds the outbound road once per process; `client` gives an adapter its way out for one call. */
export function createOutbound(options: OutboundOptions) {
  const http = createHttp();
  const breakers = new Breakers(options.onBreaker, { ...outboundLimits, ...options.isolation });
  const transcripts = new Transcripts();
  const credentials = new CredentialCache(() => options.now().getTime());
  const exchange: Exchange = outboundPipeline({
    ...options,
    http,
    breakers,
    transcripts,
    credentials,
    clientOf: (call) => vendorClient(call, exchange, credentials, call.usedCredentials),
  });
  return {
    client: (context: ClientContext) => vendorClient(context, exchange, credentials),
    breakers: () => breakers.states(),
    transcripts: (requestId: string) => transcripts.of(requestId),
    async close() {
      breakers.shutdown();
      await http.close();
    },
  };
}

export type Outbound = ReturnType<typeof createOutbound>;
