import { randomUUID } from "node:crypto";
import { Fault } from "#capability";
import type { Protocol, VendorFailure } from "#capability";
import { successCode } from "./answers.ts";
import type { Config } from "./config.ts";
import { sessionStates } from "./face-results.ts";
import { authorization, canonicalQuery, contentHash } from "./sign.ts";
import type { operations } from "./vendor.d.ts";

const version = "2019-03-07";
/** The vendor names no pause. Its rate limits are per second; what it counts per day or person wants a longer one. */
const rateLimitPauseSeconds = 1;
export const countedLimitPauseSeconds = 3_600;
/** 异常重复调用 of a check; 刷脸失败次数过多 of a face. */
const countedLimits: ReadonlySet<string> = new Set(["403", "418"]);

/** Alibaba Cloud OpenAPI, RPC style: the action in a header, ACS3-HMAC-SHA256, refusals with any status. */
export const protocol: Protocol<Config, operations> = {
  baseUrl: (config) => config.baseUrl,

  authorize(request, { config, now }) {
    // Also without a body: the vendor's SDK names it too, and what is not named here is added on the way, unsigned.
    const { host, "content-type": contentType = "application/x-www-form-urlencoded" } = request.headers;
    if (host === undefined) throw new Fault("internal_error", { outcome: "not_sent", detail: "no host to sign" });
    const { operation: action, method, url } = request;
    const body = request.body ?? Buffer.alloc(0);
    // A space is + in the core's encoding of a query, and %20 in the vendor's.
    url.search = canonicalQuery(url.searchParams);
    const signed = {
      host,
      "content-type": contentType,
      "x-acs-action": action,
      "x-acs-version": version,
      "x-acs-date": `${now.toISOString().slice(0, 19)}Z`,
      "x-acs-signature-nonce": randomUUID(),
      "x-acs-content-sha256": contentHash(body),
    };
    const covered = { method, path: url.pathname, query: url.search.slice(1), headers: signed, body };
    Object.assign(request.headers, signed, { authorization: authorization(covered, config) });
  },

  verify: { unsigned: "Alibaba Cloud does not sign its answers; TLS is what vouches for them." },

  failure({ body }, operation) {
    return failureIn(body, operation);
  },
};

/** A refusal: of the gateway in front (any status) or of the product (HTTP 200), unless it tells the state of a session. */
function failureIn(body: unknown, operation: string): VendorFailure | undefined {
  if (typeof body !== "object" || body === null) return undefined;
  const { Code: code, Message: message } = body as { Code?: unknown; Message?: unknown };
  if (typeof code !== "string" || code === successCode) return undefined;
  if (operation === "DescribeFaceVerify" && Object.hasOwn(sessionStates, code)) return undefined;
  const pause = pauseAfter(code);
  return {
    code,
    ...(typeof message === "string" ? { message } : {}),
    ...(pause === undefined ? {} : { retryAfterSeconds: pause }),
  };
}

function pauseAfter(code: string): number | undefined {
  if (code.startsWith("Throttling")) return rateLimitPauseSeconds;
  return countedLimits.has(code) ? countedLimitPauseSeconds : undefined;
}
