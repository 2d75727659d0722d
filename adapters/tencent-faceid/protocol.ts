import { Fault } from "#capability";
import type { Protocol, VendorFailure } from "#capability";
import type { Config } from "./config.ts";
import { authorization } from "./sign.ts";
import type { operations } from "./vendor.d.ts";

const service = "faceid";
const version = "2018-03-01";
/** The vendor's rate limits are per second and its answers name no pause. */
const rateLimitPauseSeconds = 1;

/** Tencent Cloud API 3.0: the action in a header, TC3-HMAC-SHA256, HTTP 200 for every answer. */
export const protocol: Protocol<Config, operations> = {
  baseUrl: (config) => config.baseUrl,

  authorize(request, { config, now }) {
    const contentType = request.headers["content-type"];
    const host = request.headers["host"];
    if (contentType === undefined || host === undefined) {
      throw new Fault("internal_error", { outcome: "not_sent", detail: "no host or content-type to sign" });
    }
    const timestampSeconds = Math.floor(now.getTime() / 1000);
    const { operation: action, method, url } = request;
    const body = request.body ?? Buffer.alloc(0);
    request.headers["x-tc-action"] = action;
    request.headers["x-tc-version"] = version;
    request.headers["x-tc-timestamp"] = `${timestampSeconds}`;
    if (config.region !== undefined) request.headers["x-tc-region"] = config.region;
    request.headers["authorization"] = authorization(
      { method, url, host, contentType, action, body, timestampSeconds },
      service,
      config,
    );
  },

  verify: { unsigned: "Tencent Cloud does not sign its answers; TLS is what vouches for them." },

  failure({ body }) {
    return errorIn(body);
  },
};

/** `Response.Error` of an answer, which the vendor sends with HTTP 200. */
function errorIn(body: unknown): VendorFailure | undefined {
  if (!isRecord(body) || !isRecord(body["Response"]) || !isRecord(body["Response"]["Error"])) return undefined;
  const { Code: code, Message: message } = body["Response"]["Error"];
  if (typeof code !== "string") return undefined;
  return {
    code,
    ...(typeof message === "string" ? { message } : {}),
    ...(code.startsWith("RequestLimitExceeded") ? { retryAfterSeconds: rateLimitPauseSeconds } : {}),
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
