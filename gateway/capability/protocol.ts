import type { VendorClient, VendorOperations } from "./vendor.ts";

/** One attempt's request, about to be signed. `authorize` may change url, headers and body. */
export interface VendorRequest {
  /** The vendor's operationId. */
  operation: string;
  method: string;
  url: URL;
  /** Lower-case names. `host` is what will be sent. */
  headers: Record<string, string>;
  body: Buffer | undefined;
}

/** The answer as it came: status, lower-case headers, the bytes. */
export interface RawAnswer {
  status: number;
  headers: Readonly<Record<string, string>>;
  bytes: Buffer;
}

export interface SigningContext<Config, V extends VendorOperations = VendorOperations> {
  config: Config;
  /** The call's reference: a vendor's idempotency key. */
  reference: string;
  /** 1 for the first attempt. */
  attempt: number;
  now: Date;
  /** To fetch a token: calls made here pass the whole road themselves. */
  vendor: VendorClient<V>;
}

/** What a vendor says when it refuses, read from its answer by the adapter. */
export interface VendorFailure {
  code: string;
  message?: string;
  retryAfterSeconds?: number;
}

/**
 * How the vendor speaks: addressing, signing, its answers' signatures, its errors.
 */
export interface Protocol<Config, V extends VendorOperations = VendorOperations> {
  /** Base URL for a vendor operation; the spec's path is appended (what follows a `#` in it only tells operations apart). */
  baseUrl(config: Config, operation: string): string;
  /** Signs or authenticates one attempt with a fresh timestamp and nonce. Runs again for every attempt. */
  authorize(request: VendorRequest, context: SigningContext<Config, V>): void | Promise<void>;
  /**
   * Verifies the vendor's signature over the raw answer and returns normally, or throws a `Fault` `vendor_invalid_answer`.
   * A vendor that does not sign its answers says so in words, which the capability matrix shows.
   */
  verify:
    | ((answer: RawAnswer, request: VendorRequest, context: SigningContext<Config, V>) => void | Promise<void>)
    | { unsigned: string };
  /** The vendor's own error code if the answer (any status, already parsed) is a refusal, else undefined. */
  failure(
    answer: { status: number; headers: Readonly<Record<string, string>>; body: unknown },
    operation: string,
  ): VendorFailure | undefined;
}
