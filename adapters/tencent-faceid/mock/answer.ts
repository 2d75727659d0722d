import { randomUUID } from "node:crypto";
import type { WireAnswer } from "#mocks";

/** The vendor says no: its code and its message. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export function newRequestId(): string {
  return randomUUID();
}

/** `{"Response": {…, "RequestId"}}` with HTTP 200, as every answer of API 3.0. */
export function success(result: Record<string, unknown>, requestId: string): WireAnswer {
  return json({ Response: { ...result, RequestId: requestId } });
}

/** An error, which is HTTP 200 too. */
export function failure(refusal: Refusal, requestId: string): WireAnswer {
  return json({ Response: { Error: { Code: refusal.code, Message: refusal.message }, RequestId: requestId } });
}

function json(body: unknown): WireAnswer {
  return { status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}
