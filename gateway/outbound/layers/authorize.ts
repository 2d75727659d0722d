import { Fault } from "#capability";
import type { VendorClient } from "#capability";
import { encode, EncodingError } from "../encode.ts";
import type { Layer, OutboundCall } from "../types.ts";

/** Makes the client that signing may use to fetch tokens; it remembers which credentials were used. */
export type SigningClient = (call: OutboundCall) => VendorClient;

/**
 * Builds and signs the request of one attempt: fresh timestamp, nonce and signature each time. The adapter reaches only
 * the hosts that its configuration names.
 */
export const authorize =
  (signingClient: SigningClient, now: () => Date): Layer =>
  (next) =>
  async (call) => {
    const { manifest, config, hosts } = call.adapter;
    const request = build(call);
    request.headers["traceparent"] = call.origin.traceparent;
    const vendor = signingClient(call);
    await manifest.protocol.authorize(request, {
      config,
      reference: call.reference,
      attempt: call.attempt,
      now: now(),
      vendor,
    });
    if (!hosts.has(request.url.host)) {
      throw new Fault("internal_error", {
        outcome: "not_sent",
        detail: `${manifest.name} tried to reach ${request.url.host}, which its configuration does not name`,
      });
    }
    return next({ ...call, request });
  };

function build(call: OutboundCall) {
  const { manifest, config } = call.adapter;
  try {
    return encode(call.operation, manifest.protocol.baseUrl(config, call.operation.id), call.input);
  } catch (error) {
    if (!(error instanceof EncodingError)) throw error;
    throw new Fault("internal_error", { outcome: "not_sent", detail: error.message, cause: error });
  }
}
