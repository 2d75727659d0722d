/** What each thing that can go wrong must become, by the effect of the call. */

export type Effect = "read" | "charged" | "once";
export const effects: readonly Effect[] = ["read", "charged", "once"];

export interface Becomes {
  status: number;
  /** The problem's code; absent when the call succeeds or its outcome is to be asked about. */
  code?: string;
  /** How often the vendor was asked. */
  attempts: number;
  /** The answer's Retry-After, in seconds: exactly, or within these bounds. */
  retryAfter?: number | [min: number, max: number];
}

type Row = Record<Effect, Becomes>;

/** What may have happened is repeated for reads only; said as unknown (202) where it can be asked about, else as lost. */
const unknown = (code: string, status: number, reads: number): Row => ({
  read: { status, code, attempts: reads },
  charged: { status: 504, code: "outcome_lost", attempts: 1 },
  once: { status: 202, attempts: 1 },
});
/** The same for every effect: nothing happened, or all did. */
const always = (becomes: Becomes): Row => ({ read: becomes, charged: becomes, once: becomes });

const timeout = unknown("vendor_timeout", 504, 1);
const broken = unknown("vendor_fault", 502, 3);
const invalid = unknown("vendor_invalid_answer", 502, 1);
const well: Row = {
  read: { status: 200, attempts: 1 },
  charged: { status: 201, attempts: 1 },
  once: { status: 201, attempts: 1 },
};
const limited = (retryAfter: Becomes["retryAfter"] & {}): Row =>
  always({ status: 503, code: "vendor_rate_limited", attempts: 1, retryAfter });

/** Faults of the harness. */
export const wire: Record<string, Row> = {
  good: well,
  hang: timeout,
  hang_after_headers: timeout,
  drip: timeout,
  reset: broken,
  lost: broken,
  reset_mid_body: broken,
  truncate: broken,
  html_502: broken,
};

/** Faults of the bare sockets. */
export const bare: Record<string, Row> = {
  fine: well,
  early_hints_103: well,
  said_twice: well,
  head_drip: timeout,
  no_http: invalid,
  huge_headers: invalid,
  continue_100: broken,
  switching_101: broken,
  corrupt_json: invalid,
  duplicate_keys: invalid,
  not_an_object: invalid,
  off_spec: invalid,
  stranger: invalid,
  html_200: invalid,
  other_type: invalid,
  no_content_204: invalid,
  created_201: invalid,
  gzip: invalid,
  huge_body: invalid,
  wrong_signature: invalid,
  no_signature: invalid,
  redirect_302: invalid,
  stack_500: broken,
  html_403: broken,
  unavailable_503: {
    ...unknown("vendor_unavailable", 503, 3),
    read: { status: 503, code: "vendor_unavailable", attempts: 3, retryAfter: 1 },
  },
  unavailable_long: {
    ...unknown("vendor_unavailable", 503, 1),
    read: { status: 503, code: "vendor_unavailable", attempts: 1, retryAfter: 60 },
  },
  html_401: always({ status: 502, code: "vendor_unauthenticated", attempts: 1 }),
  no_money: always({ status: 422, code: "insufficient_funds", attempts: 1 }),
  busy: always({ status: 503, code: "vendor_unavailable", attempts: 3, retryAfter: 0 }),
  rate_seconds: limited(7),
  rate_capped: limited(3_600),
  rate_date: limited([55, 60]),
  rate_nonsense: limited(1),
};

/** Nobody listens: surely not sent, so it is repeated whatever its effect. */
export const refuse: Row = always({ status: 503, code: "vendor_unavailable", attempts: 3, retryAfter: 1 });

/** Faults that pass: each has a test of its own. */
export const passing: readonly string[] = ["rate_passing", "unavailable_short", "kept_alive_closed"];

export const table: Record<string, Row> = { ...wire, ...bare, refuse };
export const faults: readonly string[] = [...Object.keys(table), ...passing];
