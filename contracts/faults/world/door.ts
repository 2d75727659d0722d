import { randomBytes } from "node:crypto";
import type { OperationId } from "#capability";
import { Problem, problemBody } from "#problem";
import { StoreError } from "#store";
import type { createOperations, OperationAnswer } from "../../../gateway/operations/index.ts";

/** What a partner sends, its signature aside. */
export interface PartnerRequest {
  partner: string;
  operationId: OperationId;
  path: Record<string, string>;
  body: unknown;
  key?: string;
  fingerprint: string;
}

/** What `deduplicate` and `dispatch` do between a verified request and its signed answer. */
export async function answered(
  operations: ReturnType<typeof createOperations>,
  request: PartnerRequest,
  nowMs: number,
): Promise<OperationAnswer> {
  const { partner, operationId, path, body, key, fingerprint } = request;
  const requestId = newRequestId();
  const common = { partner, operationId, input: { path, query: {}, body }, requestId, traceparent: "" };
  try {
    if (key === undefined) return await operations.read(common, {});
    const nonce = { keyid: partner, nonce: randomBytes(16).toString("hex"), expiresAtMs: nowMs + 300_000 };
    const begun = await operations.begin({ ...common, key, fingerprint, nonce });
    return begun.kind === "answered" ? begun.answer : await operations.perform(begun.intent, {});
  } catch (error) {
    const problem = problemOf(error);
    const text = JSON.stringify(problemBody(problem, requestId));
    return { status: problem.status, contentType: "application/problem+json", headers: {}, body: Buffer.from(text) };
  }
}

function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof StoreError) return new Problem("store_unavailable", { cause: error });
  return new Problem("internal_error", { cause: error });
}

/** As `identify` makes them. */
export function newRequestId(): string {
  return `req_${randomBytes(12).toString("hex")}`;
}
