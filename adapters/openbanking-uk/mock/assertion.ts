import { errors, jwtVerify } from "jose";
import type { JWTPayload } from "jose";
import type { Bank } from "./bank.ts";
import { OAuthRefusal } from "./refusals.ts";

const maxAssertionLifetimeSeconds = 300;
const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/** A JWT of the client's: PS256, its key, addressed to this bank. Throws jose's error. */
export async function clientJwt(bank: Bank, jwt: string, audience: string[]): Promise<JWTPayload> {
  const { payload, protectedHeader } = await jwtVerify(jwt, bank.client.key, {
    algorithms: ["PS256"],
    issuer: bank.client.id,
    audience,
    requiredClaims: ["exp"],
    currentDate: bank.now(),
  });
  if (protectedHeader.kid !== bank.client.key.kid) throw new errors.JWKSNoMatchingKey();
  return payload;
}

/** private_key_jwt (RFC 7523 3): audience is the issuer or the token endpoint, short-lived, `jti` used once. */
export async function authenticate(bank: Bank, form: URLSearchParams): Promise<void> {
  const refuse = (why: string) => new OAuthRefusal("invalid_client", why);
  if (form.get("client_assertion_type") !== assertionType) throw refuse("private_key_jwt is required");
  if (form.get("client_id") !== bank.client.id) throw refuse("unknown client");
  const audience = [bank.issuer, `${bank.issuer}/token`];
  const claims = await clientJwt(bank, form.get("client_assertion") ?? "", audience).catch((error: unknown) => {
    throw refuse(error instanceof errors.JOSEError ? error.code : "malformed assertion");
  });
  const nowSeconds = bank.now().getTime() / 1_000;
  const { jti, sub, exp = 0 } = claims;
  if (sub !== bank.client.id) throw refuse("sub is not the client");
  if (exp > nowSeconds + maxAssertionLifetimeSeconds) throw refuse("the assertion lives too long");
  if (jti === undefined || bank.assertions.get(jti) !== undefined) throw refuse("jti is missing or was used");
  for (const [used, { expiresAtMs }] of bank.assertions.entries()) {
    if (expiresAtMs / 1_000 < nowSeconds) bank.assertions.delete(used);
  }
  bank.assertions.set(jti, { expiresAtMs: exp * 1_000 });
}
