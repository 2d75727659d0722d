import { createHash } from "node:crypto";
import { Fault } from "#capability";
import type { Vendor } from "./bank.ts";
import type { Tokens } from "./state.ts";

/** On whose behalf a call is made: the tokens that their authorisation gave, under our reference of it. */
export interface Customer {
  reference: string;
  tokens: Tokens | undefined;
  vendor: Vendor;
  now: Date;
}

/** The bank does not take the token (RFC 6750 3.1, or a bare status; `http_401` is the core's word for one without a body). */
const ended: ReadonlySet<string> = new Set(["invalid_token", "invalid_grant", "401", "http_401"]);
/** It takes it, and what it opens is too little. */
const insufficient: ReadonlySet<string> = new Set(["insufficient_scope", "403"]);

/**
 * Runs a call with the customer's access token as `authorization`: the one that they gave, or one for the refresh token, which
 * the core's credential cache keeps. A token that the bank ended before its time is renewed once; one that is refused all the
 * same means that the consent does not hold any more: `consent_not_authorised`.
 */
export async function asCustomer<T>(customer: Customer, call: (authorization: string) => Promise<T>): Promise<T> {
  try {
    return await call(await given(customer));
  } catch (error) {
    const code = codeOf(error);
    if (ended.has(code) && customer.tokens?.refreshToken !== undefined) return anew(customer, call);
    throw ended.has(code) || insufficient.has(code) ? notAuthorised(error) : error;
  }
}

async function anew<T>(customer: Customer, call: (authorization: string) => Promise<T>): Promise<T> {
  try {
    return await call(await renewed(customer));
  } catch (error) {
    throw ended.has(codeOf(error)) || insufficient.has(codeOf(error)) ? notAuthorised(error) : error;
  }
}

/** The access token of the authorisation while it lasts. */
async function given(customer: Customer): Promise<string> {
  const { tokens, now } = customer;
  if (tokens === undefined) throw noToken("the customer has not authorised");
  return Date.parse(tokens.accessExpiresAt) > now.getTime() ? `Bearer ${tokens.accessToken}` : renewed(customer);
}

/** One for the refresh token. */
async function renewed({ reference, tokens, vendor, now }: Customer): Promise<string> {
  const refreshToken = tokens?.refreshToken;
  if (refreshToken === undefined) throw noToken("the access token ended and the bank gave no other");
  const token = await vendor.credential(`customer:${reference}:${fingerprint(refreshToken)}`, async () => {
    const { body } = await vendor.call("TokenRefreshToken", {
      body: { grant_type: "refresh_token", refresh_token: refreshToken },
    });
    return { value: body.access_token, expiresAt: new Date(now.getTime() + body.expires_in * 1_000) };
  });
  return `Bearer ${token}`;
}

function codeOf(error: unknown): string {
  return error instanceof Fault ? (error.vendor?.code ?? "") : "";
}

function notAuthorised(error: unknown): unknown {
  if (!(error instanceof Fault)) return error;
  return new Fault("consent_not_authorised", {
    outcome: error.outcome,
    detail: "the bank refuses the customer's token",
    cause: error,
    ...(error.vendor === undefined ? {} : { vendor: error.vendor }),
  });
}

function noToken(detail: string): Fault {
  return new Fault("consent_not_authorised", { outcome: "rejected", detail });
}

function fingerprint(token: string): string {
  return createHash("sha256").update(token).digest("base64url").slice(0, 16);
}
