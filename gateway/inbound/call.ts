import type { Request, Response } from "express";
import type { VerifiedRequest } from "#signature";
import type { PartnerConfig } from "../config/index.ts";
import type { OperationId } from "#capability";
import type { Place } from "../evidence/index.ts";
import type { Consumed } from "../shared/index.ts";
import type { Intent, LocalClaim, OperationTrace } from "../operations/index.ts";

/** One request of a partner's on its way through the stages; each stage fills in its part. */
export interface InboundCall {
  /** `identify` */
  requestId: string;
  traceparent: string;
  startedMs: number;
  /** `receive`: the bytes as they came; every check works on these. */
  body: Buffer;
  json: unknown;
  /** `verify` */
  verified?: VerifiedRequest<PartnerConfig>;
  consumed?: Consumed;
  /** `admit`: where this exchange's evidence will stand. */
  place?: Place;
  /** `validate` */
  operationId?: OperationId;
  path: Record<string, string>;
  query: Record<string, unknown>;
  /** `deduplicate` */
  idempotencyKey?: string;
  intent?: Intent;
  /** The same for an effect of the gateway's own. */
  claim?: LocalClaim;
  /** Extra response headers, e.g. rate limits. */
  headers: Record<string, string>;
  /** For the log line. */
  log: OperationTrace & { code?: string; replayed?: boolean };
}

/** A property of its own on both: a WeakMap of everything under way costs the collector more than the calls do. */
const callKey = Symbol("call");
type Carrier = (Request | Response) & { [callKey]?: InboundCall };

export function startCall(request: Carrier, response: Carrier, call: InboundCall): void {
  request[callKey] = call;
  response[callKey] = call;
}

/** The call that a request or response belongs to, if `identify` was reached. */
export function startedCall(of: Carrier): InboundCall | undefined {
  return of[callKey];
}

/** The same for the stages after it. */
export function callOf(of: Carrier): InboundCall {
  const call = startedCall(of);
  if (call === undefined) throw new Error("a stage ran before identify");
  return call;
}

/** The partner that `verify` recognised. */
export function partnerOf(call: InboundCall): PartnerConfig {
  if (call.verified === undefined) throw new Error("a stage ran before verify");
  return call.verified.partner;
}
