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
    const { reference, attempt } = call;
    await beforeSending(manifest.name, () =>
      manifest.protocol.authorize(request, { config, reference, attempt, now: now(), vendor }),
    );
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

/**
 * What fails before the request itself goes out, a token's fetch above all, says of its effect that it was not sent. A call
 * made there has walked the road itself: it was repeated, and counted by a breaker, already.
 */
async function beforeSending(adapter: string, prepare: () => void | Promise<void>): Promise<void> {
  try {
    await prepare();
  } catch (error) {
    if (!(error instanceof Fault)) {
      throw new Fault("internal_error", { outcome: "not_sent", detail: `${adapter}: signing failed`, cause: error });
    }
    const { vendor, retryAfterSeconds } = error;
    throw new Fault(error.code, {
      outcome: "not_sent",
      detail: `before sending: ${error.message}`,
      cause: error,
      ...(vendor === undefined ? {} : { vendor }),
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    });
  }
}
