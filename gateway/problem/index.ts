import { problems } from "#specs";
import type { ProblemCode } from "#specs";
import type { Fault, VendorWords } from "#capability";

/** One fault of a request: where it is (exactly one of the three) and what is wrong, without the value. */
export interface ProblemError {
  pointer?: string;
  parameter?: string;
  header?: string;
  detail: string;
  /** The rule that was broken. */
  code?: string;
}

export interface ProblemOptions {
  /** Replaces the catalogue's words; for the partner, so nothing personal and nothing internal. */
  detail?: string;
  errors?: ProblemError[];
  vendor?: VendorWords;
  retryAfterSeconds?: number;
  serverTime?: Date;
  /** Path of the resource that it is about. */
  instance?: string;
  headers?: Record<string, string>;
  /** For the log only. */
  cause?: unknown;
}

/** Any stage throws it; the one error handler turns it into a signed RFC 9457 answer. */
export class Problem extends Error {
  override readonly name = "Problem";
  readonly code: ProblemCode;
  readonly options: ProblemOptions;

  constructor(code: ProblemCode, options: ProblemOptions = {}) {
    super(code, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.options = options;
  }

  get status(): number {
    return problems[this.code].status;
  }
}

const maxVendorMessageChars = 200;
const maxErrors = 50;

/** The body of a problem answer (RFC 9457) after `specs/schemas/Problem.yaml`. */
export function problemBody(problem: Problem, requestId: string): Record<string, unknown> {
  const entry = problems[problem.code];
  const { detail, errors, vendor, serverTime, instance } = problem.options;
  return {
    type: `urn:qiao:problem:${problem.code}`,
    title: entry.title,
    status: entry.status,
    detail: detail ?? entry.detail,
    code: problem.code,
    retry: entry.retry,
    origin: vendor === undefined ? entry.origin : entry.origin === "gateway" ? "vendor" : entry.origin,
    requestId,
    ...(instance === undefined ? {} : { instance }),
    ...(errors === undefined || errors.length === 0 ? {} : { errors: errors.slice(0, maxErrors) }),
    ...(vendor === undefined ? {} : { vendor: cutMessage(vendor) }),
    ...(serverTime === undefined ? {} : { serverTime: serverTime.toISOString() }),
  };
}

/** Headers that belong to a problem: `Retry-After` where waiting helps. */
export function problemHeaders(problem: Problem): Record<string, string> {
  const { retryAfterSeconds, headers } = problem.options;
  const wait = retryAfterSeconds ?? (problems[problem.code].retry === "after" ? defaultRetryAfterSeconds : undefined);
  return { ...headers, ...(wait === undefined ? {} : { "Retry-After": String(wait) }) };
}

const defaultRetryAfterSeconds = 1;

/** A vendor fault as the partner gets it; what is for operators only stays in `cause`. */
export function problemOfFault(fault: Fault): Problem {
  return new Problem(fault.code, {
    cause: fault,
    ...(fault.vendor === undefined ? {} : { vendor: fault.vendor }),
    ...(fault.errors.length === 0 ? {} : { errors: [...fault.errors] }),
    ...(fault.retryAfterSeconds === undefined ? {} : { retryAfterSeconds: fault.retryAfterSeconds }),
  });
}

/** Markup, or a line of a stack: a page or a crash of the vendor's, which nobody needs. */
const kitchen = /[<>{}]|\bat \S{1,200} \(|:\d+:\d+\b/;

/** The vendor's words, one line and bounded, unless they are no words for people. */
function cutMessage(vendor: VendorWords): VendorWords {
  const { message, ...words } = vendor;
  const line = message?.replace(/\s+/g, " ").trim() ?? "";
  if (line === "" || kitchen.test(line)) return words;
  return { ...words, message: line.slice(0, maxVendorMessageChars) };
}
