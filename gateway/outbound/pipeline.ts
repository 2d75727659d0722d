import type { VendorClient } from "#capability";
import type { CredentialCache } from "./credentials.ts";
import type { Http } from "./http.ts";
import { authorize } from "./layers/authorize.ts";
import { budget } from "./layers/budget.ts";
import { check } from "./layers/check.ts";
import { isolate } from "./layers/isolate.ts";
import type { Breakers } from "./layers/isolate.ts";
import { measure } from "./layers/measure.ts";
import type { VendorCallMeasure } from "./layers/measure.ts";
import { record } from "./layers/record.ts";
import type { Transcripts } from "./layers/record.ts";
import { retry } from "./layers/retry.ts";
import { send } from "./layers/send.ts";
import type { Exchange, OutboundCall } from "./types.ts";

export interface OutboundPorts {
  http: Http;
  breakers: Breakers;
  credentials: CredentialCache;
  transcripts: Transcripts;
  observe(measure: VendorCallMeasure): void;
  now(): Date;
  random(): number;
  /** The client that signing and answer checks may use to fetch tokens and keys. */
  clientOf(call: OutboundCall): VendorClient;
}

/** The way to a vendor, outermost layer first. */
export function outboundPipeline(ports: OutboundPorts): Exchange {
  return [
    measure(ports.observe),
    budget,
    isolate(ports.breakers),
    retry(ports.credentials, ports.random),
    authorize(ports.clientOf, ports.now),
    record(ports.transcripts, ports.now),
    check(ports.now, ports.clientOf),
  ].reduceRight<Exchange>((next, layer) => layer(next), send(ports.http));
}
