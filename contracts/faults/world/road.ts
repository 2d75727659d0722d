import { loadVendorSpec } from "#outbound";
import type { LoadedAdapter, Outbound } from "#outbound";
import type { Store } from "#store";
import { vendorClient } from "../../../gateway/outbound/client.ts";
import { CredentialCache } from "../../../gateway/outbound/credentials.ts";
import { Breakers } from "../../../gateway/outbound/layers/isolate.ts";
import { Transcripts } from "../../../gateway/outbound/layers/record.ts";
import { outboundPipeline } from "../../../gateway/outbound/pipeline.ts";
import { vendorAdapter } from "./adapter.ts";
import type { vendorPort } from "./vendor-port.ts";

export const callbackSecret = "a secret that the vendors and we share";

/** Ports of the gateway that a mutation may change before it is built. */
export interface Mutation {
  store?(store: Store, shared: Map<string, unknown>): Store;
  outbound?(outbound: Outbound): Outbound;
  adapter?(adapter: LoadedAdapter["manifest"]): LoadedAdapter["manifest"];
}

const specs = new Map<string, Promise<LoadedAdapter>>();

/** The real outbound road, every layer of it, over the port. */
export function outboundOf(http: ReturnType<typeof vendorPort>, now: () => Date, random: () => number): Outbound {
  const breakers = new Breakers(() => {});
  const transcripts = new Transcripts();
  const credentials = new CredentialCache(() => now().getTime());
  const exchange = outboundPipeline({
    http,
    breakers,
    transcripts,
    credentials,
    now,
    random,
    observe: () => {},
    clientOf: (call) => vendorClient(call, (inner) => exchange(inner), credentials, call.usedCredentials),
  });
  return {
    client: (context) => vendorClient(context, exchange, credentials),
    breakers: () => breakers.states(),
    transcripts: (requestId) => transcripts.of(requestId),
    close: () => Promise.resolve(),
  };
}

/** An adapter to a vendor of the harnesses, as discovery would load it. */
export async function loaded(vendor: string, mutation: Mutation): Promise<LoadedAdapter> {
  let known = specs.get(vendor);
  if (known === undefined) {
    known = (async () => {
      const manifest = vendorAdapter(vendor) as unknown as LoadedAdapter["manifest"];
      const config = { origin: `https://${vendor}.test`, secret: callbackSecret };
      const spec = await loadVendorSpec(manifest.spec);
      return { manifest, config, spec, hosts: new Set([`${vendor}.test`]), errors: manifest.errors };
    })();
    specs.set(vendor, known);
  }
  const adapter = await known;
  return { ...adapter, manifest: mutation.adapter?.(adapter.manifest) ?? adapter.manifest };
}
