import type { OperationId } from "#capability";
import { Problem } from "#problem";
import { StoreError, maxPageRows } from "#store";
import type { Page, WebhookStore } from "#store";
import type { LocalClaim, OperationAnswer, OperationPorts } from "../operations/index.ts";
import type { Guard } from "./guard.ts";

/** A partner's call that the gateway answers itself. */
export interface LocalCall {
  partner: string;
  input: { path: Record<string, string>; query: Record<string, unknown>; body: unknown };
  /** Set for an effect. */
  claim?: LocalClaim;
}

export type WebhookAnswers = Partial<Record<OperationId, (call: LocalCall) => Promise<OperationAnswer>>>;

export interface WebhookAnswerPorts extends Pick<OperationPorts, "now" | "checkAnswer" | "alarm"> {
  store: WebhookStore;
  guard: Guard;
  /** Something was made due. */
  nudge(): void;
}

/** A success answer. Throws when the body breaks the contract, which is loud in the log and never leaks. */
export function answerWith(
  ports: WebhookAnswerPorts,
  operationId: OperationId,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): OperationAnswer {
  const violation = ports.checkAnswer(operationId, status, body);
  if (violation !== undefined) {
    ports.alarm("answer breaks the contract", { operationId, status, violation });
    throw new Problem("internal_error");
  }
  return { status, contentType: "application/json", headers, body: Buffer.from(JSON.stringify(body)) };
}

/**
 * One page of a list, with the cursor of the next one if there is more. The cursor is the last id of the page.
 * Problem: `request_invalid` for a cursor that is not of this list.
 */
export async function pageOf<Row extends { id: string }>(
  { input }: LocalCall,
  read: (page: Page) => Promise<Row[]>,
): Promise<{ rows: Row[]; next: { nextCursor?: string } }> {
  const limit = Math.min(Number(input.query["limit"] ?? maxPageRows), maxPageRows);
  const cursor = input.query["cursor"];
  try {
    const rows = await read({ limit, ...(typeof cursor === "string" ? { afterId: cursor } : {}) });
    const last = rows.at(-1);
    const more = rows.length === limit && last !== undefined && (await read({ limit: 1, afterId: last.id })).length > 0;
    return { rows, next: more ? { nextCursor: last.id } : {} };
  } catch (error) {
    if (!(error instanceof StoreError) || error.code !== "unknown_cursor") throw error;
    throw new Problem("request_invalid", {
      cause: error,
      errors: [{ parameter: "cursor", detail: "is not a cursor of this list" }],
    });
  }
}

export function instant(ms: number): string {
  return new Date(ms).toISOString();
}
