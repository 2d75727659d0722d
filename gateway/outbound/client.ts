import { Fault } from "#capability";
import type { Credential, VendorClient } from "#capability";
import type { CredentialCache } from "./credentials.ts";
import type { Budget, CallOrigin, Exchange, LoadedAdapter } from "./types.ts";

export interface ClientContext {
  adapter: LoadedAdapter;
  reference: string;
  origin: CallOrigin;
  budget: Budget;
  /** Stores vendor state mid-way; absent where there is no resource yet. */
  keep?: (state: unknown) => Promise<void>;
}

/** An adapter's way to its vendor for the length of one call: every `call` walks the whole outbound pipeline. */
export function vendorClient(
  context: ClientContext,
  exchange: Exchange,
  credentials: CredentialCache,
  usedCredentials?: Map<string, string>,
): VendorClient<Record<string, never>> {
  const { adapter } = context;
  /** Whether a call with an effect may have had it. */
  let acted = false;
  return {
    async call(operationId, input) {
      const operation = adapter.spec.operations.get(operationId);
      if (operation === undefined) {
        throw new Fault("internal_error", {
          outcome: "not_sent",
          detail: `${adapter.manifest.name}: vendor.openapi.yaml has no operation ${operationId}`,
        });
      }
      const reads = operation.effect === "read";
      try {
        const result = await exchange({
          adapter,
          operation,
          input,
          reference: context.reference,
          origin: context.origin,
          budget: context.budget,
          attempt: 1,
        });
        acted ||= !reads;
        return { status: result.raw.status, headers: result.raw.headers, body: result.body as never };
      } catch (error) {
        if (reads && acted) throw afterEffect(error);
        acted ||= !reads && (!(error instanceof Fault) || error.outcome === "unknown");
        throw error;
      }
    },
    async credential(key: string, obtain: () => Promise<Credential>) {
      const { signal } = context.budget;
      const value = await credentials.get(adapter.manifest.name, key, obtain, signal).catch((error: unknown) => {
        if (error instanceof Fault || !signal.aborted) throw error;
        throw new Fault("vendor_timeout", { outcome: "not_sent", detail: `no credential ${key} in time` });
      });
      usedCredentials?.set(key, value);
      return value;
    },
    async keep(state: unknown) {
      if (context.keep === undefined)
        throw new Error(`${adapter.manifest.name} keeps state where there is no resource`);
      await context.keep(state);
    },
  };
}

/**
 * A question about an effect that may have happened: that it was not sent, or was refused, says nothing of the effect. Were it
 * the call's outcome, the key would be given back and the effect made again.
 */
function afterEffect(error: unknown): unknown {
  if (!(error instanceof Fault) || error.outcome === "unknown") return error;
  const { code, vendor, retryAfterSeconds, counts } = error;
  return new Fault(code, {
    outcome: "unknown",
    detail: `${error.message}, after an effect`,
    ...(vendor === undefined ? {} : { vendor }),
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    counts,
    cause: error,
  });
}
