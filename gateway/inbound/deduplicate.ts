import { hash } from "node:crypto";
import type { Request, RequestHandler } from "express";
import { operations } from "#specs";
import { Problem } from "#problem";
import { readIdempotencyKey } from "#signature";
import type { Operations } from "../operations/index.ts";
import { callOf, partnerOf } from "./call.ts";
import { respond } from "./respond.ts";
import type { Responder } from "./respond.ts";

/**
 * Idempotency: one durable commit claims nonce, key and intent before anything is sent; a finished twin is replayed,
 * signed anew. For unsafe methods without a key the nonce alone is claimed.
 * Problems: `idempotency_key_missing`, `idempotency_key_malformed`, `idempotency_key_reused`, `idempotency_in_flight`,
 * `signature_replay`, `store_unavailable`, and those of `operations.begin`.
 */
export const deduplicate =
  (ports: { operations: Operations; responder: Responder }): RequestHandler =>
  async (request, response, next) => {
    const call = callOf(request);
    const { operationId, verified } = call;
    if (operationId === undefined || verified === undefined) throw new Error("deduplicate ran before validate");
    const nonce = { keyid: verified.keyid, nonce: verified.nonce, expiresAtMs: verified.nonceExpiresAtMs };
    if (request.method === "GET") return next();
    if (!operations[operationId].idempotent) {
      if (!(await ports.operations.claimNonce(nonce))) throw new Problem("signature_replay");
      return next();
    }
    if (verified.coveredIdempotencyKey === undefined) throw new Problem("idempotency_key_missing");
    const key = readIdempotencyKey(verified.coveredIdempotencyKey);
    if (key === undefined) throw new Problem("idempotency_key_malformed");
    call.idempotencyKey = key;
    const effect = {
      partner: partnerOf(call).id,
      operationId,
      key,
      nonce,
      fingerprint: fingerprintOf(request, call.body),
      input: { path: call.path, query: call.query, body: call.json },
      requestId: call.requestId,
      traceparent: call.traceparent,
    };
    const begun =
      operations[operationId].answeredBy === "gateway"
        ? await ports.operations.claim(effect)
        : await ports.operations.begin(effect);
    switch (begun.kind) {
      case "answered":
        call.log.replayed = begun.replayed;
        respond(ports.responder, response, begun.answer, begun.replayed);
        return;
      case "claimed":
        call.claim = begun.claim;
        return next();
      case "begun":
        call.intent = begun.intent;
        return next();
    }
  };

/** By which a repeated request is known for the same: SHA-256 over its first line and its body, hex. */
function fingerprintOf({ method, originalUrl }: Request, body: Uint8Array): string {
  return hash("sha256", Buffer.concat([Buffer.from(`${method} ${originalUrl}\n`), body]), "hex");
}
