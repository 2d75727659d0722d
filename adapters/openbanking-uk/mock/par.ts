import { randomBytes } from "node:crypto";
import { errors } from "jose";
import { clientJwt } from "./assertion.ts";
import type { Bank, Pushed } from "./bank.ts";
import { OAuthRefusal } from "./refusals.ts";

const requestUriLifetimeSeconds = 90;
const maxRequestObjectLifetimeSeconds = 3_600;

/** RFC 9126 with the request object of RFC 9101 and the profile's claims; all parameters come from the signed object. */
export async function push(bank: Bank, form: URLSearchParams): Promise<[number, object]> {
  const claims = await clientJwt(bank, form.get("request") ?? "", [bank.issuer]).catch((error: unknown) => {
    throw refusal(error instanceof errors.JOSEError ? error.code : "malformed");
  });
  const { exp = 0, nbf } = claims;
  if (nbf === undefined || exp - nbf > maxRequestObjectLifetimeSeconds) throw refusal("nbf is missing or exp too far");
  const uri = `urn:ietf:params:oauth:request_uri:${randomBytes(24).toString("base64url")}`;
  const expiresAtMs = bank.now().getTime() + requestUriLifetimeSeconds * 1_000;
  bank.pushed.set(uri, { ...readClaims(bank, claims), expiresAtMs });
  return [201, { request_uri: uri, expires_in: requestUriLifetimeSeconds }];
}

function readClaims(bank: Bank, claims: Record<string, unknown>): Omit<Pushed, "expiresAtMs"> {
  const text = (name: string): string => {
    const value = claims[name];
    if (typeof value !== "string" || value === "") throw refusal(`${name} is missing`);
    return value;
  };
  if (text("client_id") !== bank.client.id) throw refusal("client_id is not the client");
  if (text("response_type") !== "code") throw refusal("response_type must be code");
  if (text("code_challenge_method") !== "S256") throw refusal("PKCE S256 is required");
  const challenge = text("code_challenge");
  if (!/^[A-Za-z0-9_-]{43}$/.test(challenge)) throw refusal("code_challenge is not S256");
  const scopes = text("scope").split(" ");
  const scope = scopes.find((name) => name === "accounts" || name === "payments");
  if (!scopes.includes("openid") || scope === undefined) throw refusal("scope needs openid and accounts or payments");
  const consentId = intentOf(claims);
  const consent = bank.consents.get(consentId);
  if (consent === undefined || consent.api !== scope)
    throw refusal("openbanking_intent_id names no consent of that scope");
  const redirectUri = text("redirect_uri");
  const url = URL.parse(redirectUri);
  const isLocal = url?.protocol === "http:" && ["127.0.0.1", "localhost"].includes(url.hostname);
  if (url === null || url.hash !== "" || (url.protocol !== "https:" && !isLocal)) {
    throw new OAuthRefusal("invalid_redirect_uri", "https, or http on this machine");
  }
  return { consentId, scope, redirectUri, state: text("state"), nonce: text("nonce"), challenge };
}

function intentOf(claims: Record<string, unknown>): string {
  const asked = claims["claims"] as { id_token?: { openbanking_intent_id?: { value?: unknown } } } | undefined;
  const value = asked?.id_token?.openbanking_intent_id?.value;
  if (typeof value !== "string") throw refusal("claims.id_token.openbanking_intent_id is missing");
  return value;
}

function refusal(why: string): OAuthRefusal {
  return new OAuthRefusal("invalid_request_object", why);
}
