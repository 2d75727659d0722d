import type { RequestHandler } from "express";
import { Problem } from "#problem";
import { NonceWindowFull, verifyRequest } from "#signature";
import type { KnownKey, VerifiedRequest } from "#signature";
import type { PartnerConfig } from "../config/index.ts";
import type { Consumed, Counts, Quota } from "../shared/index.ts";
import { callOf } from "./call.ts";
import { inboundLimits as limits } from "./limits.ts";

export interface VerifyPorts {
  publicOrigin: string;
  now(): Date;
  resolveKey(keyid: string): KnownKey<PartnerConfig> | undefined;
  counts: Pick<Counts, "admit">;
  /** Of each partner, by its id. */
  quotas: ReadonlyMap<string, Quota>;
  /** Told whose request it is, now that this is proven. */
  onVerified(partner: string): void;
  /** Counts a refusal for a source address; true when that address has been refused too often. */
  tooManyRefusals(address: string): Promise<boolean>;
}

/**
 * The signature profile on the raw bytes: → partner. An early window refuses a repeated nonce at once; for unsafe methods
 * the durable claim in `deduplicate` is what counts.
 * Problems: every `signature_*`, `digest_*`, `duplicate_header`, `host_mismatch`, `target_malformed`,
 * `content_encoding_unsupported`, `content_type_unsupported`, `body_unexpected`, `rate_limited`.
 */
export const verify =
  (ports: VerifyPorts): RequestHandler =>
  async (request, _response, next) => {
    const call = callOf(request);
    const result = verifyRequest({
      method: request.method,
      originalUrl: request.originalUrl,
      rawHeaders: request.rawHeaders,
      body: call.body,
      publicOrigin: ports.publicOrigin,
      nowMs: ports.now().getTime(),
      resolveKey: ports.resolveKey,
    });
    if (!result.ok) {
      if (await ports.tooManyRefusals(request.socket.remoteAddress ?? "")) {
        throw new Problem("rate_limited", { retryAfterSeconds: limits.rateWindowSeconds });
      }
      throw new Problem(result.code, {
        detail: result.detail,
        ...(result.header === undefined
          ? {}
          : { errors: [{ header: result.header, detail: "was sent more than once" }] }),
        ...(result.serverTime === undefined ? {} : { serverTime: new Date(result.serverTime * 1_000) }),
      });
    }
    ports.onVerified(result.partner.id);
    call.consumed = await admitted(ports, result);
    call.verified = result;
    next();
  };

/** Takes the nonce, and one of the partner's quota for `throttle` to judge. */
async function admitted(
  { counts, quotas }: VerifyPorts,
  { partner, keyid, nonce, nonceExpiresAtMs: expiresAtMs }: VerifiedRequest<PartnerConfig>,
): Promise<Consumed> {
  const quota = quotas.get(partner.id);
  if (quota === undefined) throw new Error(`no quota for partner ${partner.id}`);
  const answer = await counts.admit({ keyid, nonce, expiresAtMs }, partner.id, quota).catch((error: unknown) => {
    throw error instanceof NonceWindowFull ? new Problem("rate_limited", { cause: error }) : error;
  });
  if (!answer.fresh) throw new Problem("signature_replay");
  return answer.consumed;
}
