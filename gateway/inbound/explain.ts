import type { RequestHandler } from "express";
import { Problem } from "#problem";
import { contentDigest, explainRefusal, verifyRequest } from "#signature";
import { callOf } from "./call.ts";
import { respond } from "./respond.ts";
import type { Responder } from "./respond.ts";
import type { VerifyPorts } from "./verify.ts";

const maxBaseBytes = 8 * 1024;

/**
 * Rule 15, sandbox only: says of any signed request what the gateway makes of its signature; with the caller's own base in
 * `Signature-Base` also the first line that differs. Claims no nonce and touches nothing.
 */
export const explainSignature =
  (ports: VerifyPorts, responder: Responder): RequestHandler =>
  (request, response) => {
    const call = callOf(request);
    call.operationId = "signatureChecks.create";
    const theirs = sentBase(request.headers);
    const result = verifyRequest({
      method: request.method,
      originalUrl: request.originalUrl,
      rawHeaders: request.rawHeaders,
      body: call.body,
      publicOrigin: ports.publicOrigin,
      nowMs: ports.now().getTime(),
      resolveKey: ports.resolveKey,
    });
    const serverTime = ports.now().toISOString();
    const digest = call.body.length === 0 ? {} : { contentDigest: contentDigest(call.body) };
    if (result.ok) {
      call.verified = result;
      return send({ valid: true, keyId: result.keyid, ...digest, signatureBase: result.base, serverTime });
    }
    const { code, rule, detail, base, firstDifference, hints } = explainRefusal(result, theirs);
    send({
      valid: false,
      code,
      rule,
      detail: [detail, ...hints].join(" "),
      ...digest,
      ...(base === undefined ? {} : { signatureBase: base }),
      ...(firstDifference === undefined ? {} : { firstDifference }),
      serverTime,
    });

    function send(verdict: Record<string, unknown>): void {
      const body = Buffer.from(JSON.stringify(verdict));
      respond(responder, response, { status: 200, contentType: "application/json", headers: {}, body });
    }
  };

function sentBase(headers: Record<string, string | string[] | undefined>): string | undefined {
  const sent = headers["signature-base"];
  if (typeof sent !== "string") return undefined;
  const bytes = Buffer.from(sent, "base64");
  if (bytes.length > maxBaseBytes || bytes.toString("base64") !== sent) {
    throw new Problem("request_invalid", {
      errors: [
        { header: "signature-base", detail: `Send base64 (RFC 4648 section 4) of at most ${maxBaseBytes} bytes.` },
      ],
    });
  }
  return bytes.toString("utf8");
}
