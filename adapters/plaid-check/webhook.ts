import { createHash, timingSafeEqual } from "node:crypto";
import { decodeProtectedHeader, errors as joseErrors, importJWK, jwtVerify } from "jose";
import { Fault } from "#capability";
import type { Callbacks, CallbackVerdict, VendorClient } from "#capability";
import type { Config } from "./config.ts";
import { failed, read, toKeep } from "./credit-reports.ts";
import type { components, operations } from "./vendor.d.ts";

type Key = components["schemas"]["WebhookKey"];

/** Plaid: refuse a webhook whose `iat` is more than five minutes old. */
const maxAgeSeconds = 5 * 60;
const maxClockLeadSeconds = 60;
/** A cached key is asked for again after this, so that an expiry is seen. */
const keyLifetimeMs = 60 * 60 * 1000;
const keyIdPattern = /^[0-9A-Za-z_-]{1,64}$/;
const unknownKey = "INVALID_WEBHOOK_VERIFICATION_KEY_ID";

/** What a report's webhook says; anything more is asked for. */
type WebhookEvent = { kind: "ready" } | { kind: "failed"; code: string };

export const callbacks: Callbacks<Config, operations> = {
  async verify({ headers, body }, { config, now, vendor }) {
    const why = await refusal(headers["plaid-verification"], body, now, vendor);
    return why === undefined ? verdictOf(body, config) : { verdict: "refused", why };
  },

  receive: {
    creditReports(call, vendor) {
      const { userId, event } = call.event as { userId: string; event: WebhookEvent };
      if (event.kind === "ready") return read(call, vendor, userId);
      return Promise.resolve(failed(call, event, toKeep(call, userId)));
    },
  },

  /** Plaid repeats what is not answered with 2xx, 30 s later and then four times as late each time, for 24 hours. */
  acknowledge: ({ result }) => ({
    status: { accepted: 200, ignored: 200, refused: 401, unmatched: 404, failed: 503 }[result],
  }),
};

/** Why the JWT in `Plaid-Verification` does not vouch for these bytes; undefined if it does. */
async function refusal(
  token: string | undefined,
  body: Buffer,
  now: Date,
  vendor: VendorClient<operations>,
): Promise<string | undefined> {
  if (token === undefined) return "no Plaid-Verification header";
  const keyId = signingKeyId(token);
  if (keyId === undefined) return "the JWT names no ES256 key";
  const key = await keyOf(keyId, now, vendor);
  if (key === undefined) return "Plaid does not know the key";
  const { alg, kty, crv, x, y } = key;
  if (alg !== "ES256" || key.kid !== keyId) return "the key is not the ES256 key of the JWT";
  if (key.expired_at !== null && key.expired_at * 1000 <= now.getTime()) return "the key has expired";
  const nowSeconds = Math.floor(now.getTime() / 1000);
  try {
    const { payload } = await jwtVerify(token, await importJWK({ kty, crv, x, y }, "ES256"), {
      algorithms: ["ES256"],
      currentDate: now,
    });
    if (payload.iat === undefined || nowSeconds - payload.iat > maxAgeSeconds) return "the webhook is too old";
    if (payload.iat - nowSeconds > maxClockLeadSeconds) return "the webhook is from the future";
    return isDigestOf(body, payload["request_body_sha256"]) ? undefined : "the body is not the one that was signed";
  } catch (error) {
    if (error instanceof joseErrors.JOSEError) return "the JWT does not verify";
    throw error;
  }
}

function signingKeyId(token: string): string | undefined {
  try {
    const { alg, kid } = decodeProtectedHeader(token);
    return alg === "ES256" && kid !== undefined && keyIdPattern.test(kid) ? kid : undefined;
  } catch {
    return undefined;
  }
}

/** The public key from the credential cache, or from Plaid; undefined if Plaid knows none by this id. */
async function keyOf(keyId: string, now: Date, vendor: VendorClient<operations>): Promise<Key | undefined> {
  try {
    const cached = await vendor.credential(`webhook-key:${keyId}`, async () => {
      const { key } = (await vendor.call("webhookVerificationKeyGet", { body: { key_id: keyId } })).body;
      const endsAt = Math.min(
        now.getTime() + keyLifetimeMs,
        key.expired_at === null ? Infinity : key.expired_at * 1000,
      );
      return { value: JSON.stringify(key), expiresAt: new Date(endsAt) };
    });
    return JSON.parse(cached) as Key;
  } catch (error) {
    if (error instanceof Fault && error.vendor?.code === unknownKey) return undefined;
    throw error;
  }
}

function isDigestOf(body: Buffer, claim: unknown): boolean {
  if (typeof claim !== "string" || !/^[0-9a-f]{64}$/.test(claim)) return false;
  return timingSafeEqual(createHash("sha256").update(body).digest(), Buffer.from(claim, "hex"));
}

/** What verified bytes say. The legacy twins (`CHECK_REPORT_READY`, …) name the user by an id that we do not know. */
function verdictOf(body: Buffer, config: Config): CallbackVerdict {
  const { webhook_type, webhook_code, user_id, environment, error } = fieldsOf(body);
  if (environment !== config.environment) return { verdict: "refused", why: "a webhook of another environment" };
  if (webhook_type !== "CHECK_REPORT" || typeof user_id !== "string")
    return { verdict: "ignored", why: "not a report" };
  if (webhook_code === "USER_CHECK_REPORT_READY") return verified(user_id, { kind: "ready" });
  if (webhook_code === "USER_CHECK_REPORT_FAILED") {
    const code = typeof error?.error_code === "string" ? error.error_code : "PRODUCT_GENERATION_FAILED";
    return verified(user_id, { kind: "failed", code });
  }
  return { verdict: "ignored", why: "a webhook that is not used" };
}

interface WebhookFields {
  webhook_type?: unknown;
  webhook_code?: unknown;
  user_id?: unknown;
  environment?: unknown;
  error?: { error_code?: unknown } | null;
}

/** Nothing where the bytes are not a JSON object: then no environment matches and the webhook is refused. */
function fieldsOf(body: Buffer): WebhookFields {
  try {
    return (JSON.parse(body.toString("utf8")) as WebhookFields | null) ?? {};
  } catch {
    return {};
  }
}

function verified(userId: string, event: WebhookEvent): CallbackVerdict {
  return {
    verdict: "verified",
    capability: "creditReports",
    handle: userId,
    event: { userId, event },
  };
}
