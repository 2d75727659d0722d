import { createHash, randomBytes } from "node:crypto";
import { bankMetadata, invalidAnswer, withBankKeys } from "./bank.ts";
import type { Vendor } from "./bank.ts";
import type { Config } from "./config.ts";
import { requestObject } from "./sign.ts";
import type { Opening, Tokens } from "./state.ts";
import { verifyIdToken } from "./verify.ts";

/** What the customer authorises: the kind goes into OAuth's `state`, so that the callback knows what it is about. */
type Kind = "consents" | "bankPayments";

/** Where an authorisation stands and what it is for. */
export interface Authorisation {
  kind: Kind;
  reference: string;
  consentId: string;
  callbackUrl: string;
  config: Config;
  now: Date;
}

/** A URL is not handed out this close to its end. */
const urlReserveMs = 10_000;

/**
 * Pushes the signed request (RFC 9126, RFC 9101, PKCE S256) and answers with the URL for the customer's browser. With an
 * `earlier` opening its verifier and nonce are kept, and its URL too while it lasts.
 */
export async function open(authorisation: Authorisation, vendor: Vendor, earlier?: Opening): Promise<Opening> {
  const { config, now } = authorisation;
  if (earlier !== undefined && Date.parse(earlier.urlExpiresAt) - urlReserveMs > now.getTime()) return earlier;
  const verifier = earlier?.verifier ?? randomBytes(32).toString("base64url");
  const nonce = earlier?.nonce ?? randomBytes(16).toString("base64url");
  const request = await requestObject(
    config,
    {
      consentId: authorisation.consentId,
      scope: authorisation.kind === "consents" ? "openid accounts" : "openid payments",
      redirectUri: authorisation.callbackUrl,
      state: `${authorisation.kind}.${authorisation.reference}`,
      nonce,
      codeChallenge: createHash("sha256").update(verifier).digest("base64url"),
    },
    now,
  );
  const { body } = await vendor.call("PushAuthorizationRequest", { body: { request } });
  const metadata = await bankMetadata(vendor, config, now);
  const url = new URL(metadata.authorization_endpoint);
  url.searchParams.set("client_id", config.clientId);
  url.searchParams.set("request_uri", body.request_uri);
  const urlExpiresAt = new Date(now.getTime() + body.expires_in * 1_000).toISOString();
  return { verifier, nonce, url: url.href, urlExpiresAt };
}

/**
 * Exchanges the code for the customer's tokens. That the bank gives them for our PKCE verifier, with an id_token over our
 * nonce and our consent, is what proves the callback. Throws the bank's refusal, or `vendor_invalid_answer`.
 */
export async function redeem(
  authorisation: Authorisation,
  opening: Opening,
  code: string,
  vendor: Vendor,
): Promise<Tokens> {
  const { config, now } = authorisation;
  const { body } = await vendor.call("TokenAuthorizationCode", {
    body: {
      grant_type: "authorization_code",
      code,
      redirect_uri: authorisation.callbackUrl,
      code_verifier: opening.verifier,
    },
  });
  const idToken = body.id_token;
  if (idToken === undefined) throw invalidAnswer("no id_token for scope openid");
  const expected = {
    issuer: config.issuer,
    clientId: config.clientId,
    nonce: opening.nonce,
    consentId: authorisation.consentId,
    now,
  };
  try {
    await withBankKeys(vendor, now, (keys) => verifyIdToken(idToken, keys, expected));
  } catch (error) {
    throw invalidAnswer(error instanceof Error ? `id_token: ${error.message}` : "id_token", error);
  }
  return {
    accessToken: body.access_token,
    accessExpiresAt: new Date(now.getTime() + body.expires_in * 1_000).toISOString(),
    ...(body.refresh_token === undefined ? {} : { refreshToken: body.refresh_token }),
  };
}
