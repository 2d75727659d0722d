import type { ProblemCode } from "#specs";

/** What a vendor said when it refused, in its own words; shown to the partner as `vendor` in the problem. */
export interface VendorWords {
  adapter: string;
  code: string;
  message?: string;
}

/** A field of the partner's request that the vendor cannot take: where (one of the two) and what is wrong, without the value. */
export interface WrongField {
  /** JSON Pointer into the request body. */
  pointer?: string;
  /** A path or query parameter. */
  parameter?: string;
  detail: string;
}

export interface FaultOptions {
  outcome: "rejected" | "not_sent" | "unknown";
  /** For the operator's log only, never for the partner; must hold nothing personal. */
  detail?: string;
  vendor?: VendorWords;
  /** With `request_invalid` and `request_unsuitable`: what the partner has to mend. */
  errors?: WrongField[];
  retryAfterSeconds?: number;
  /** Whether the vendor or the way to it is at fault, which is what a breaker counts. A business "no" never counts. */
  counts?: boolean;
  cause?: unknown;
}

/** A call that did not succeed: the stable problem code for the partner, and what is known of the effect. */
export class Fault extends Error {
  override readonly name = "Fault";
  readonly code: ProblemCode;
  readonly outcome: "rejected" | "not_sent" | "unknown";
  readonly vendor: VendorWords | undefined;
  readonly errors: readonly WrongField[];
  readonly retryAfterSeconds: number | undefined;
  readonly counts: boolean;

  constructor(code: ProblemCode, options: FaultOptions) {
    super(options.detail ?? code, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.outcome = options.outcome;
    this.vendor = options.vendor;
    this.errors = options.errors ?? [];
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.counts = options.counts ?? false;
  }
}

/** A definite no: nothing happened at the vendor. */
export function rejected(code: ProblemCode, detail?: string): Fault {
  return new Fault(code, { outcome: "rejected", ...(detail === undefined ? {} : { detail }) });
}

/** What the contract allows and this vendor cannot take: nothing was sent, and the partner is told which field. */
export function unsuitable(field: WrongField): Fault {
  return new Fault("request_unsuitable", { outcome: "rejected", detail: field.detail, errors: [field] });
}
