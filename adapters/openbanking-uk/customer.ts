import { createHash } from "node:crypto";
import { Fault } from "#capability";
import type { Vendor } from "./bank.ts";
import type { Tokens } from "./state.ts";

/**
 * The `authorization` of a call on the customer's behalf: the access token that their authorisation gave, or one for the
 * refresh token, which the core's credential cache keeps. Throws `consent_not_authorised` when there is none any more.
 */
export async function customerAuthorization(
  reference: string,
  tokens: Tokens | undefined,
  vendor: Vendor,
  now: Date,
): Promise<string> {
  if (tokens === undefined) throw notAuthorised("the customer has not authorised");
  const token = await vendor.credential(`customer:${reference}:${fingerprint(tokens.accessToken)}`, async () => {
    const expiresAt = new Date(tokens.accessExpiresAt);
    if (expiresAt.getTime() > now.getTime()) return { value: tokens.accessToken, expiresAt };
    if (tokens.refreshToken === undefined) throw notAuthorised("the access token ended and the bank gave no other");
    const { body } = await vendor.call("TokenRefreshToken", {
      body: { grant_type: "refresh_token", refresh_token: tokens.refreshToken },
    });
    return { value: body.access_token, expiresAt: new Date(now.getTime() + body.expires_in * 1_000) };
  });
  return `Bearer ${token}`;
}

/** How a token is refused (RFC 6750 3.1, or a bare status; `http_401` is the core's word for one without a body). */
const tokenRefusals: ReadonlySet<string> = new Set(["invalid_token", "insufficient_scope", "401", "403", "http_401"]);

/** Runs a call on the customer's behalf; a token that the bank refuses means that the consent does not hold any more. */
export async function asCustomer<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof Fault) || !tokenRefusals.has(error.vendor?.code ?? "")) throw error;
    throw new Fault("consent_not_authorised", {
      outcome: error.outcome,
      detail: "the bank refuses the customer's token",
      cause: error,
      ...(error.vendor === undefined ? {} : { vendor: error.vendor }),
    });
  }
}

function notAuthorised(detail: string): Fault {
  return new Fault("consent_not_authorised", { outcome: "rejected", detail });
}

function fingerprint(token: string): string {
  return createHash("sha256").update(token).digest("base64url").slice(0, 16);
}
