import { randomBytes } from "node:crypto";

/** A refusal in the shape of our problems, thrown by the mock's steps. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly code: string;
  readonly detail: string;
  readonly errors: Found[];

  constructor(code: string, detail: string, errors: Found[] = []) {
    super(code);
    this.code = code;
    this.detail = detail;
    this.errors = errors;
  }
}

/** One fault in a request. */
export type Found = { detail: string; code?: string } & (
  | { pointer: string }
  | { parameter: string }
  | { header: string }
);

/** Status, title, retry and origin of the codes that this platform uses; the signature's own come with their status. */
const catalogue: Record<
  string,
  [status: number, title: string, retry?: "never" | "later" | "after", origin?: "gateway" | "vendor"]
> = {
  request_invalid: [400, "The request does not match the contract"],
  body_malformed: [400, "The body is not acceptable JSON"],
  idempotency_key_missing: [400, "Idempotency-Key is missing"],
  idempotency_key_malformed: [400, "Idempotency-Key is malformed"],
  not_found: [404, "There is nothing at this address"],
  resource_not_found: [404, "There is no such resource"],
  resource_state_conflict: [409, "The resource's status does not allow this"],
  duplicate_reference: [409, "The reference is taken"],
  idempotency_key_reused: [422, "Idempotency-Key was used for another request"],
  customer_unknown: [422, "The customer is not known", "never", "vendor"],
  vendor_rejected: [422, "The customer was refused", "never", "vendor"],
  vendor_unavailable: [503, "The core banking system is not available", "after", "vendor"],
  internal_error: [500, "The platform failed", "later", "gateway"],
};

/** The status and the bytes of the problem. `status` is for codes outside the catalogue: the signature's. */
export function problem({ code, detail, errors }: Refused, status = 401): { status: number; body: string } {
  const [known, title, retry, origin] = catalogue[code] ?? [status, "The request's signature was refused"];
  const members = {
    type: `urn:qiao:problem:${code}`,
    title,
    status: known,
    detail,
    code,
    retry: retry ?? "never",
    origin: origin ?? "partner",
    requestId: `req_${randomBytes(12).toString("hex")}`,
    ...(errors.length === 0 ? {} : { errors }),
  };
  return { status: known, body: JSON.stringify(members) };
}
