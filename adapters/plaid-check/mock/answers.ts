import { randomBytes } from "node:crypto";
import type { WireAnswer } from "#mocks";

/** One of Plaid's documented failures, thrown by the mock's steps and answered by `mock.ts`. */
export class PlaidError extends Error {
  override readonly name = "PlaidError";
  readonly code: string;
  readonly extra: Record<string, unknown>;

  constructor(code: string, message?: string, extra: Record<string, unknown> = {}) {
    super(message ?? failures[code]?.message ?? code);
    this.code = code;
    this.extra = extra;
  }
}

interface Failure {
  status: number;
  type: string;
  message: string;
}

/** Status, type and message of each code, after plaid.com/docs/errors. */
const failures: Record<string, Failure> = {
  MISSING_FIELDS: { status: 400, type: "INVALID_REQUEST", message: "required fields are missing" },
  UNKNOWN_FIELDS: {
    status: 400,
    type: "INVALID_REQUEST",
    message: "fields are not recognized by this endpoint",
  },
  INVALID_FIELD: { status: 400, type: "INVALID_REQUEST", message: "a field is invalid" },
  INVALID_BODY: {
    status: 400,
    type: "INVALID_REQUEST",
    message: "body could not be parsed as JSON",
  },
  NOT_FOUND: { status: 404, type: "INVALID_REQUEST", message: "not found" },
  INVALID_API_KEYS: {
    status: 400,
    type: "INVALID_INPUT",
    message: "invalid client_id or secret provided",
  },
  INVALID_USER_ID: { status: 400, type: "INVALID_INPUT", message: "user_id must start with usr_" },
  INVALID_WEBHOOK_VERIFICATION_KEY_ID: {
    status: 400,
    type: "INVALID_INPUT",
    message: "invalid key_id provided",
  },
  INVALID_USER_IDENTITY_DATA: { status: 403, type: "USER_ERROR", message: "Invalid phone number." },
  USER_NOT_FOUND: {
    status: 400,
    type: "USER_ERROR",
    message: "The User you requested cannot be found.",
  },
  USER_ON_IDENTITY_THEFT_OR_FRAUD_BLOCK: {
    status: 400,
    type: "CHECK_REPORT_ERROR",
    message: "the user has reported identity theft or fraud",
  },
  CONSUMER_REPORT_NOT_FOUND: {
    status: 400,
    type: "CONSUMER_REPORT_ERROR",
    message: "the consumer report you are trying to pull does not exist",
  },
  CONSUMER_REPORT_EXPIRED: { status: 400, type: "CONSUMER_REPORT_ERROR", message: "" },
  PRODUCT_NOT_READY: {
    status: 400,
    type: "CONSUMER_REPORT_ERROR",
    message: "The consumer report you are trying to pull is not ready. Please wait for a webhook to fetch data",
  },
  DATA_UNAVAILABLE: {
    status: 400,
    type: "CHECK_REPORT_ERROR",
    message: "The Check Report you are trying to pull does not have sufficient transactions data to generate a report.",
  },
  INSUFFICIENT_TRANSACTION_DATA: { status: 400, type: "CHECK_REPORT_ERROR", message: "" },
  RATE_LIMIT: {
    status: 429,
    type: "RATE_LIMIT_EXCEEDED",
    message: "rate limit exceeded. please try again later",
  },
  INTERNAL_SERVER_ERROR: {
    status: 500,
    type: "API_ERROR",
    message: "an unexpected error occurred",
  },
  PLANNED_MAINTENANCE: {
    status: 503,
    type: "API_ERROR",
    message: "the Plaid API is temporarily unavailable due to planned maintenance",
  },
};

/** A success: the body with Plaid's `request_id`. */
export function answer(status: number, body: Record<string, unknown>): WireAnswer {
  return json(status, { ...body, request_id: requestId() });
}

/** A failure in Plaid's shape. */
export function refusal({ code, message, extra }: PlaidError): WireAnswer {
  const failure = failures[code] ?? { status: 400, type: "API_ERROR", message: code };
  const body = {
    error_type: failure.type,
    error_code: code,
    error_message: message,
    display_message: null,
    ...extra,
  };
  return json(failure.status, { ...body, request_id: requestId() });
}

/** The `error` object of a webhook, which has no request_id. */
export function webhookError(code: string): Record<string, unknown> {
  const message = failures[code]?.message ?? "the products could not be generated";
  return {
    error_type: "CHECK_REPORT_ERROR",
    error_code: code,
    error_message: message,
    display_message: null,
    status: 400,
  };
}

function json(status: number, body: unknown): WireAnswer {
  return { status, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}

function requestId(): string {
  return randomBytes(8).toString("hex").slice(0, 15);
}
