import type { Call } from "./call.ts";
import type { CapabilityName, OperationId } from "./contract.ts";
import type { Outcome } from "./outcome.ts";
import type { VendorClient, VendorOperations } from "./vendor.ts";

/** What arrived at `/callbacks/<adapter>`, as it came. */
export interface CallbackRequest {
  method: string;
  /** Path below `/callbacks/<adapter>` with the query, e.g. `?code=…&state=…`. */
  target: string;
  query: URLSearchParams;
  /** Lower-case names; a header that came twice is refused before. */
  headers: Readonly<Record<string, string>>;
  body: Buffer;
}

/** The adapter's judgement. There is no default that says yes. */
export type CallbackVerdict =
  | {
      verdict: "verified";
      capability: CapabilityName;
      /** Our reference, or a handle returned by an earlier call: finds the resource. */
      handle: string;
      /** What the vendor said, for `receive`. */
      event: unknown;
    }
  | { verdict: "refused"; why: string }
  /** Genuine, but nothing to us (a type that we do not use). */
  | { verdict: "ignored"; why: string };

/** What the vendor is answered. */
export interface Acknowledgement {
  status: number;
  headers?: Record<string, string>;
  body?: string;
}

/** What became of a callback, for `acknowledge`: `failed` asks the vendor to try again. */
export type CallbackResult =
  | { result: "accepted"; resource: { id: string; body: unknown; request: unknown } }
  | { result: "refused" | "ignored" | "unmatched" | "failed" };

/** A callback about one resource: like a `get` that brings what the vendor said. */
export interface CallbackCall<C extends CapabilityName, Config> extends Call<`${C}.get` & OperationId, Config> {
  event: unknown;
}

export interface Callbacks<Config, V extends VendorOperations = VendorOperations> {
  /** Verifies the raw bytes; may ask the vendor for a key through `vendor.credential`. */
  verify(
    request: CallbackRequest,
    context: { config: Config; now: Date; vendor: VendorClient<V> },
  ): CallbackVerdict | Promise<CallbackVerdict>;
  /** How a verified event moves a resource: returns it as `get` would. Runs again when the vendor repeats itself. */
  receive: {
    [C in CapabilityName]?: (
      call: CallbackCall<C, Config>,
      vendor: VendorClient<V>,
    ) => Promise<Outcome<`${C}.get` & OperationId>>;
  };
  acknowledge(result: CallbackResult): Acknowledgement;
}
