import type { KitFacts } from "./kit-facts.ts";

/** A request as it came over the socket. */
export interface WireRequest {
  method: string;
  /** Request target as sent: path and query. */
  target: string;
  path: string;
  query: URLSearchParams;
  /** Lower-case names; the first value where one came twice (the raw list has all). */
  headers: Readonly<Record<string, string>>;
  rawHeaders: readonly string[];
  body: Buffer;
}

/**
 * How an answer is spoilt on the wire: never answered; headers then silence; one byte every 50 ms; connection reset
 * before the answer or in its middle; body cut short of its Content-Length; a proxy's HTML page instead of the answer.
 */
export type WireFault = "hang" | "hang_after_headers" | "drip" | "reset" | "reset_mid_body" | "truncate" | "html_502";

export interface WireAnswer {
  status: number;
  headers?: Record<string, string>;
  /** A string or bytes is sent as it is (sign exactly this); leave out for an empty body. */
  body?: string | Buffer;
  fault?: WireFault;
  /** A slow vendor: waits this long before the answer (and its fault) goes out. Ends early if the connection does. */
  delayMs?: number;
  /** Set where the answer deliberately leaves the vendor's spec (a documented magic value); else that is a bug of the mock. */
  offSpec?: true;
}

/** A keyed collection of JSON values that survives a restart of the sandbox. */
export interface Table<T> {
  get(key: string): T | undefined;
  set(key: string, value: T): void;
  delete(key: string): void;
  /** In order of first insertion. */
  entries(): [string, T][];
}

/** What the harness gives a mock vendor. */
export interface MockContext {
  /** Where this mock listens, e.g. `http://127.0.0.1:9100`. */
  origin: string;
  /** Public JWKS of the gateway, for a platform that verifies our signature profile. */
  gatewayJwks: { keys: Record<string, unknown>[] };
  /** Secrets of this vendor, made once and kept in the sandbox folder. */
  keep<T>(name: string, make: () => T | Promise<T>): Promise<T>;
  table<T>(name: string): Table<T>;
  now(): Date;
  /** Runs later, unless the mock stops first. Units: milliseconds. */
  later(delayMs: number, run: () => void | Promise<void>): void;
  /** Calls out, as the vendor does for a callback. Throws on a transport fault. Bounded by `timeoutMs` (default 5,000). */
  send(request: {
    method: string;
    url: string;
    headers: Record<string, string>;
    body?: string | Buffer;
    timeoutMs?: number;
  }): Promise<{ status: number; headers: Record<string, string>; body: string }>;
}

/** A vendor, played. */
export interface MockVendor {
  /** Goes to `sandbox.json` under `vendors.<adapter>` beside `url`, named as the vendor's own SDK names its options. */
  credentials: Record<string, unknown>;
  /** The adapter's configuration (input of its `config` schema) to reach this mock. */
  config: Record<string, unknown>;
  /** Which operation of `vendor.openapi.yaml` the request is, or undefined if the vendor has none such. */
  operationOf(request: WireRequest): string | undefined;
  /**
   * The body that the spec describes, if it is not simply the request's or the answer's JSON or form body (an encrypted
   * payload, say). Default, also where this returns undefined: JSON, or a form whose fields are decoded by the spec's
   * `encoding`.
   */
  specBody?(message: {
    operation: string;
    where: "request" | "answer";
    /** Lower-case names. */
    headers: Readonly<Record<string, string>>;
    body: Buffer;
  }): unknown;
  /** Answers as the vendor does. What it throws is a bug of the mock: recorded as a violation, answered 500. */
  handle(request: WireRequest, operation: string): WireAnswer | Promise<WireAnswer>;
  /** The vendor's answer to a request that is none of its operations. */
  notFound(request: WireRequest): WireAnswer;
  /** Pages for the customer (H5, cashier, consent page): outside the vendor's API. Undefined = not a page. */
  page?(request: WireRequest): WireAnswer | undefined | Promise<WireAnswer | undefined>;
  /** A fault that strikes before the body is read; the vendor never sees such a request. `body` is empty here. */
  unread?(head: WireRequest): WireFault | undefined;
  /** What the conformance kit cannot find out by itself. */
  kit?: KitFacts;
}

export interface MockDefinition {
  /** The adapter folder's name. */
  adapter: string;
  title: string;
  /** The adapter's `vendor.openapi.yaml`; the harness validates both directions against it. */
  spec: URL;
  /** Called once the port is known. */
  create(context: MockContext): MockVendor | Promise<MockVendor>;
}

/** One exchange that the harness saw. */
export interface Exchange {
  operation: string | undefined;
  request: WireRequest;
  answer: WireAnswer;
  at: Date;
}

export interface Violation {
  operation: string;
  where: "request" | "answer";
  /** JSON pointer and what was wrong, without the value. */
  message: string;
}

/** A mock that listens. */
export interface RunningMock {
  adapter: string;
  title: string;
  origin: string;
  credentials: Record<string, unknown>;
  config: Record<string, unknown>;
  /** Everything that left the vendor's spec since the start, in either direction. */
  violations: readonly Violation[];
  /** The last exchanges (bounded). */
  exchanges: readonly Exchange[];
  /** Closes the port and every connection at once, as when the vendor dies; `revive` listens on the same port again. */
  kill(): Promise<void>;
  revive(): Promise<void>;
  stop(): Promise<void>;
}

/** Types a mock. */
export function defineMock(definition: MockDefinition): MockDefinition {
  return definition;
}
