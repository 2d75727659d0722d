import { createLocalJWKSet, errors, flattenedVerify, jwtVerify } from "jose";
import type { JSONWebKeySet } from "jose";
import { bodyClaims, criticalClaims } from "./sign.ts";

const clockToleranceSeconds = 60;

/** The bank's signature or token does not hold; the message says which rule, never a value. */
export class NotGenuine extends Error {
  override readonly name: string = "NotGenuine";
}

/** No key of the set fits: the bank may have rotated. */
export class UnknownKey extends NotGenuine {
  override readonly name = "UnknownKey";
}

/**
 * Verifies `x-jws-signature` over the bytes of an answer: PS256, a key of the bank's, `crit` naming exactly the three
 * claims, signed by the bank's organisation under the trust anchor, not in the future. Throws `NotGenuine`.
 */
export async function verifyDetached(
  signature: string,
  bytes: Uint8Array,
  keys: JSONWebKeySet,
  expected: { issuer: string; trustAnchor: string; now: Date },
): Promise<void> {
  const [protectedHeader, payload, value, ...rest] = signature.split(".");
  if (!protectedHeader || payload !== "" || !value || rest.length > 0) throw new NotGenuine("not a detached JWS");
  const verified = await genuine(() =>
    flattenedVerify(
      { protected: protectedHeader, payload: encoded(bytes), signature: value },
      createLocalJWKSet(keys),
      {
        algorithms: ["PS256"],
        crit: criticalClaims,
      },
    ),
  );
  const header: Record<string, unknown> = { ...verified.protectedHeader };
  if ("b64" in header) throw new NotGenuine("b64 is not allowed since 3.1.4");
  const critical = header["crit"];
  if (!Array.isArray(critical) || !Object.values(bodyClaims).every((name) => critical.includes(name))) {
    throw new NotGenuine("crit does not name iat, iss and tan");
  }
  const issuedAt = header[bodyClaims.issuedAt];
  if (typeof issuedAt !== "number" || !(issuedAt <= expected.now.getTime() / 1_000 + clockToleranceSeconds)) {
    throw new NotGenuine("iat is missing or in the future");
  }
  if (header[bodyClaims.issuer] !== expected.issuer) throw new NotGenuine("iss is not the bank");
  if (header[bodyClaims.trustAnchor] !== expected.trustAnchor) throw new NotGenuine("tan is not the trust anchor");
}

/**
 * Verifies the id_token that came with a code's token (OpenID Connect Core 3.1.3.7): PS256, issuer, audience, expiry,
 * nonce, and that it was given for the very consent that we staged. Throws `NotGenuine`.
 */
export async function verifyIdToken(
  idToken: string,
  keys: JSONWebKeySet,
  expected: { issuer: string; clientId: string; nonce: string; consentId: string; now: Date },
): Promise<void> {
  const { payload } = await genuine(() =>
    jwtVerify(idToken, createLocalJWKSet(keys), {
      algorithms: ["PS256"],
      issuer: expected.issuer,
      audience: expected.clientId,
      requiredClaims: ["sub", "iat", "exp", "nonce", "openbanking_intent_id"],
      clockTolerance: clockToleranceSeconds,
      currentDate: expected.now,
    }),
  );
  if (payload["nonce"] !== expected.nonce) throw new NotGenuine("nonce is not ours");
  if (payload["openbanking_intent_id"] !== expected.consentId) throw new NotGenuine("given for another consent");
  if (Array.isArray(payload.aud) && payload.aud.length > 1 && payload["azp"] !== expected.clientId) {
    throw new NotGenuine("azp is not ours");
  }
}

async function genuine<T>(verify: () => Promise<T>): Promise<T> {
  try {
    return await verify();
  } catch (error) {
    if (error instanceof errors.JWKSNoMatchingKey) throw new UnknownKey(error.code);
    if (error instanceof errors.JOSEError) throw new NotGenuine(error.code);
    throw new NotGenuine("malformed");
  }
}

function encoded(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64url");
}
