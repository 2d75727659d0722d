import type { Response } from "express";
import { signResponse, unverifiedBinding } from "#signature";
import type { SignKey } from "#signature";
import { exchangeEntry } from "../evidence/index.ts";
import type { Recorder } from "../evidence/index.ts";
import type { OperationAnswer } from "../operations/index.ts";
import { callOf } from "./call.ts";

/** Signs answers with the gateway's first key; each one is recorded. */
export interface Responder {
  key: SignKey;
  evidence: Pick<Recorder, "place" | "record">;
  publicOrigin: string;
  now(): Date;
}

/**
 * Sends an answer, signed over the very bytes that leave (rules 10 and 11): bound to the request if its signature was
 * valid, else to its method and target only.
 */
export function respond(responder: Responder, response: Response, answer: OperationAnswer, replayed = false): void {
  const request = response.req;
  const call = callOf(response);
  const binding =
    call.verified?.binding ??
    unverifiedBinding({
      method: request.method,
      originalUrl: request.originalUrl,
      publicOrigin: responder.publicOrigin,
    });
  const covered: Record<string, string> = {
    ...(answer.body.byteLength === 0 ? {} : { "Content-Type": answer.contentType }),
    ...(replayed ? { "Idempotency-Replayed": "?1" } : {}),
  };
  const nowMs = responder.now().getTime();
  const signed = signResponse({
    status: answer.status,
    headers: covered,
    body: answer.body,
    request: binding,
    key: responder.key,
    created: Math.floor(nowMs / 1_000),
  });
  response.writeHead(answer.status, {
    "Request-Id": call.requestId,
    "Cache-Control": "no-store",
    ...call.headers,
    ...answer.headers,
    ...covered,
    ...signed,
    "Content-Length": answer.body.byteLength,
  });
  const { verified, log } = call;
  const entry = exchangeEntry({
    atMs: nowMs,
    requestId: call.requestId,
    operation: call.operationId,
    request: { binding, rawHeaders: request.rawHeaders },
    signer: verified && { ...verified, partner: verified.partner.id },
    answer: { status: answer.status, keyid: responder.key.keyid, signed, contentType: covered["Content-Type"] },
    outcome: log.outcome,
    code: log.code,
    adapter: log.adapter,
    replayed,
  });
  responder.evidence.record(entry, call.place);
  if (request.method === "HEAD") response.end();
  else response.end(oneCharacterAByte(answer.body), "latin1");
}

/** The same bytes as text: Node joins text with the header and writes it once, and bytes apart from it. */
function oneCharacterAByte({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString("latin1");
}
