/** Why a message was refused: a stable code, the rule that failed, the status it maps to, and words for the sender. */

/** Each code with the profile's rule (README.md) and the HTTP status of the problem made of it. */
export const refusals = {
  target_malformed: { rule: 2, status: 400 },
  host_mismatch: { rule: 2, status: 400 },
  duplicate_header: { rule: 3, status: 400 },
  signature_missing: { rule: 4, status: 401 },
  signature_ambiguous: { rule: 4, status: 401 },
  signature_coverage: { rule: 5, status: 401 },
  signature_params: { rule: 6, status: 401 },
  signature_expired: { rule: 6, status: 401 },
  signature_replay: { rule: 6, status: 401 },
  digest_missing: { rule: 7, status: 401 },
  digest_mismatch: { rule: 7, status: 401 },
  body_unexpected: { rule: 7, status: 400 },
  content_encoding_unsupported: { rule: 8, status: 415 },
  content_type_unsupported: { rule: 8, status: 415 },
  signature_invalid: { rule: 14, status: 401 },
} as const satisfies Record<string, { rule: number; status: number }>;

export type RefusalCode = keyof typeof refusals;

export interface Refusal {
  readonly ok: false;
  readonly code: RefusalCode;
  readonly rule: number;
  readonly status: 400 | 401 | 415;
  /** For the sender; says what to change. Holds no value of a header or body, so it may be logged. */
  readonly detail: string;
  /** The header concerned, lower-case, with `duplicate_header`. */
  readonly header?: string;
  /** Epoch seconds of the verifier's clock, with `signature_expired`. */
  readonly serverTime?: number;
  /**
   * The signature base computed here, where it came so far. It may hold a token: sandbox only, never logged (rule
   * 15).
   */
  readonly base?: string;
}

export type RefusalExtras = Pick<Refusal, "header" | "serverTime" | "base">;

/** The refusal for `code`, as a value. */
export function refusal(code: RefusalCode, detail: string, extras: RefusalExtras = {}): Refusal {
  return { ok: false, code, ...refusals[code], detail, ...extras };
}

/** Inside this room a stage refuses by throwing; the doors turn it into a value with `refusable`. */
class Refused extends Error {
  readonly refusal: Refusal;
  constructor(refused: Refusal) {
    super(refused.code);
    this.refusal = refused;
  }
}

/** Ends verification with a refusal. */
export function refuse(code: RefusalCode, detail: string, extras?: RefusalExtras): never {
  throw new Refused(refusal(code, detail, extras));
}

/** Runs verification stages; returns their result, or the refusal one of them ended with. Anything else is a defect and goes on up. */
export function refusable<T>(stages: () => T): T | Refusal {
  try {
    return stages();
  } catch (error) {
    if (error instanceof Refused) return error.refusal;
    throw error;
  }
}
