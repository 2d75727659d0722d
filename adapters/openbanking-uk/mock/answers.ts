import { randomUUID } from "node:crypto";
import type { WireAnswer, WireRequest } from "#mocks";
import type { Bank } from "./bank.ts";
import { Refusal } from "./refusals.ts";
import { sign } from "./signature.ts";

/** JSON without a signature: the authorisation server and the account API. */
export function json(status: number, body: unknown, headers: Record<string, string> = {}): WireAnswer {
  return {
    status,
    headers: { "content-type": "application/json; charset=utf-8", "cache-control": "no-store", ...headers },
    body: JSON.stringify(body),
  };
}

/** The x-fapi-interaction-id of the answer: the request's, or the bank's own. */
function interaction(request: WireRequest): Record<string, string> {
  return { "x-fapi-interaction-id": request.headers["x-fapi-interaction-id"] ?? randomUUID() };
}

/** Runs an operation of the resource server; payment answers are signed, refusals too. */
export async function resource(
  bank: Bank,
  request: WireRequest,
  signed: boolean,
  run: () => Promise<
    { status: number; body?: unknown } & Pick<WireAnswer, "fault" | "delayMs" | "offSpec"> & { forged?: true }
  >,
): Promise<WireAnswer> {
  const headers = interaction(request);
  try {
    const { status, body, forged, ...spoilt } = await run();
    if (body === undefined) return { status, headers, ...spoilt };
    const answer = json(status, body, headers);
    return { ...(signed ? await withSignature(bank, answer, forged) : answer), ...spoilt };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (error.code === undefined) return { status: error.status, headers: { ...headers, ...error.headers } };
    const errors = [
      { ErrorCode: error.code, Message: error.message, ...(error.path === undefined ? {} : { Path: error.path }) },
    ];
    const answer = json(error.status, { Id: randomUUID(), Errors: errors }, headers);
    return signed ? withSignature(bank, answer) : answer;
  }
}

async function withSignature(bank: Bank, answer: WireAnswer, forged?: true): Promise<WireAnswer> {
  const signature = await sign(bank, Buffer.from(answer.body ?? ""), forged);
  return { ...answer, headers: { ...answer.headers, "x-jws-signature": signature } };
}
