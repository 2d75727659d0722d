import { randomUUID } from "node:crypto";
import { FlattenedSign, importPKCS8, SignJWT } from "jose";
import type { CryptoKey } from "jose";
import type { Config } from "./config.ts";

const assertionLifetimeSeconds = 60;
const requestObjectLifetimeSeconds = 300;

/** The claims of a signed body that its verifier must understand (Read/Write API profile, message signing). */
export const bodyClaims = {
  issuedAt: "http://openbanking.org.uk/iat",
  issuer: "http://openbanking.org.uk/iss",
  trustAnchor: "http://openbanking.org.uk/tan",
} as const;

/** `crit` as jose takes it: each name understood, and integrity-protected. */
export const criticalClaims: Record<string, boolean> = Object.fromEntries(
  Object.values(bodyClaims).map((name) => [name, true]),
);

const importedKeys = new WeakMap<Config, Promise<CryptoKey>>();

function signingKey(config: Config): Promise<CryptoKey> {
  const known = importedKeys.get(config);
  if (known !== undefined) return known;
  const imported = importPKCS8(config.signingKeyPem, "PS256");
  importedKeys.set(config, imported);
  return imported;
}

/** A client assertion (RFC 7523, OpenID Connect Core 9 `private_key_jwt`), PS256, used once; `aud` is the issuer. */
export async function clientAssertion(config: Config, now: Date): Promise<string> {
  const issuedAt = Math.floor(now.getTime() / 1_000);
  return new SignJWT({})
    .setProtectedHeader({ alg: "PS256", kid: config.signingKeyId })
    .setJti(randomUUID())
    .setIssuer(config.clientId)
    .setSubject(config.clientId)
    .setAudience(config.issuer)
    .setIssuedAt(issuedAt)
    .setNotBefore(issuedAt)
    .setExpirationTime(issuedAt + assertionLifetimeSeconds)
    .sign(await signingKey(config));
}

/** What a customer is asked to authorise. */
export interface AuthorisationRequest {
  consentId: string;
  scope: "openid accounts" | "openid payments";
  redirectUri: string;
  state: string;
  nonce: string;
  codeChallenge: string;
}

/** The request object of RFC 9101, PS256, naming the consent as `openbanking_intent_id` (OBIE security profile). */
export async function requestObject(config: Config, request: AuthorisationRequest, now: Date): Promise<string> {
  const issuedAt = Math.floor(now.getTime() / 1_000);
  return new SignJWT({
    response_type: "code",
    client_id: config.clientId,
    redirect_uri: request.redirectUri,
    scope: request.scope,
    state: request.state,
    nonce: request.nonce,
    code_challenge: request.codeChallenge,
    code_challenge_method: "S256",
    claims: {
      id_token: {
        openbanking_intent_id: { value: request.consentId, essential: true },
        acr: { essential: true, values: ["urn:openbanking:psd2:sca"] },
      },
    },
  })
    .setProtectedHeader({ alg: "PS256", kid: config.signingKeyId })
    .setIssuer(config.clientId)
    .setAudience(config.issuer)
    .setIssuedAt(issuedAt)
    .setNotBefore(issuedAt)
    .setExpirationTime(issuedAt + requestObjectLifetimeSeconds)
    .sign(await signingKey(config));
}

/** `x-jws-signature`: a detached JWS over the exact bytes, base64url-encoded for signing (no `b64: false` since 3.1.4). */
export async function detachedSignature(body: Uint8Array, config: Config, now: Date): Promise<string> {
  const jws = await new FlattenedSign(body)
    .setProtectedHeader({
      alg: "PS256",
      typ: "JOSE",
      cty: "application/json",
      kid: config.signingKeyId,
      [bodyClaims.issuedAt]: Math.floor(now.getTime() / 1_000),
      [bodyClaims.issuer]: `${config.organisationId}/${config.softwareStatementId}`,
      [bodyClaims.trustAnchor]: config.trustAnchor,
      crit: Object.values(bodyClaims),
    })
    .sign(await signingKey(config), { crit: criticalClaims });
  return `${jws.protected}..${jws.signature}`;
}
