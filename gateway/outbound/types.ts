import type { Adapter, ErrorTable, RawAnswer, VendorRequest } from "#capability";
import type { VendorSpec, VendorSpecOperation } from "./spec/index.ts";

/** An adapter with its configuration parsed and its vendor's spec compiled. */
export interface LoadedAdapter {
  manifest: Adapter;
  config: unknown;
  spec: VendorSpec;
  /** The hosts that its configuration names. */
  hosts: ReadonlySet<string>;
  errors: ErrorTable;
}

/** What is left of a call's time. The signal ends the call whatever it is doing. */
export interface Budget {
  signal: AbortSignal;
  remainingMs(): number;
}

/** For whom and why a vendor is called: what log lines, transcripts and trace headers need. */
export interface CallOrigin {
  requestId: string;
  traceparent: string;
  /** Our operation, e.g. `instalments.create`. */
  operationId: string;
}

/** One vendor call on its way through the layers. Layers hand on a copy with more filled in. */
export interface OutboundCall {
  adapter: LoadedAdapter;
  operation: VendorSpecOperation;
  input: { path?: object; query?: object; header?: object; body?: unknown };
  reference: string;
  origin: CallOrigin;
  budget: Budget;
  /** 1 for the first attempt; set by `retry`. */
  attempt: number;
  /** Set by `authorize`. */
  request?: VendorRequest;
  /** For the cached credentials that signing uses, key and value; set by `retry`. */
  usedCredentials?: Map<string, string>;
}

export interface VendorResult {
  raw: RawAnswer;
  /** Parsed and checked; undefined for an empty answer. Set by `check`. */
  body: unknown;
}

/** Carries one vendor call to its result, or throws a `Fault`. */
export type Exchange = (call: OutboundCall) => Promise<VendorResult>;

/** A layer wraps an exchange in one concern. */
export type Layer = (next: Exchange) => Exchange;
