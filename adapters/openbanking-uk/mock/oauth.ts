import { createHash, randomBytes } from "node:crypto";
import { importPKCS8, SignJWT } from "jose";
import type { WireAnswer, WireRequest } from "#mocks";
import { json } from "./answers.ts";
import { authenticate } from "./assertion.ts";
import type { Bank, Grant } from "./bank.ts";
import { push } from "./par.ts";
import { OAuthRefusal } from "./refusals.ts";

const accessLifetimeSeconds = 300;
const refreshLifetimeSeconds = 90 * 86_400;
const idTokenLifetimeSeconds = 300;

/** OpenID Connect Discovery 1.0. */
export function metadata(bank: Bank): WireAnswer {
  const { issuer } = bank;
  return json(200, {
    issuer,
    token_endpoint: `${issuer}/token`,
    authorization_endpoint: `${issuer}/authorize`,
    pushed_authorization_request_endpoint: `${issuer}/par`,
    jwks_uri: `${issuer}/jwks`,
    require_pushed_authorization_requests: true,
    authorization_response_iss_parameter_supported: true,
    token_endpoint_auth_methods_supported: ["private_key_jwt"],
    token_endpoint_auth_signing_alg_values_supported: ["PS256"],
    request_object_signing_alg_values_supported: ["PS256"],
    id_token_signing_alg_values_supported: ["PS256"],
    code_challenge_methods_supported: ["S256"],
    response_types_supported: ["code"],
    subject_types_supported: ["pairwise"],
    grant_types_supported: ["client_credentials", "authorization_code", "refresh_token"],
    scopes_supported: ["openid", "accounts", "payments"],
    acr_values_supported: ["urn:openbanking:psd2:sca"],
  });
}

/** The bank's public keys. */
export function jwks(bank: Bank): WireAnswer {
  return json(200, { keys: [{ ...bank.key.publicJwk, kid: bank.key.kid, alg: "PS256", use: "sig" }] });
}

/** An endpoint that only the authenticated client may use: /token and /par. */
export async function authenticated(bank: Bank, request: WireRequest, operation: string): Promise<WireAnswer> {
  try {
    const form = formOf(request);
    await authenticate(bank, form);
    return json(...(operation === "PushAuthorizationRequest" ? await push(bank, form) : await give(bank, form)));
  } catch (error) {
    if (!(error instanceof OAuthRefusal)) throw error;
    const body = { error: error.error, error_description: error.message };
    return json(error.error === "invalid_client" ? 401 : 400, body);
  }
}

/** RFC 6749 3.2: no parameter twice. */
function formOf(request: WireRequest): URLSearchParams {
  const form = new URLSearchParams(request.body.toString("utf8"));
  for (const name of new Set(form.keys())) {
    if (form.getAll(name).length > 1) throw new OAuthRefusal("invalid_request", `${name} came twice`);
  }
  return form;
}

async function give(bank: Bank, form: URLSearchParams): Promise<[number, object]> {
  const type = form.get("grant_type");
  if (type === "authorization_code") return redeem(bank, form);
  if (type === "refresh_token") return refresh(bank, form);
  if (type !== "client_credentials") throw new OAuthRefusal("unsupported_grant_type", "no such grant");
  const scope = form.get("scope");
  if (scope !== "accounts" && scope !== "payments") throw new OAuthRefusal("invalid_scope", "accounts or payments");
  return [200, access(bank, { scope })];
}

async function redeem(bank: Bank, form: URLSearchParams): Promise<[number, object]> {
  const value = form.get("code") ?? "";
  const code = bank.codes.get(value);
  const verifier = form.get("code_verifier") ?? "";
  const challenge = createHash("sha256").update(verifier).digest("base64url");
  const refuse = (why: string) => new OAuthRefusal("invalid_grant", why);
  if (code === undefined || code.expiresAtMs < bank.now().getTime()) throw refuse("the code is unknown or has ended");
  if (code.used) throw refuse("the code was used");
  bank.codes.set(value, { ...code, used: true });
  if (code.redirectUri !== form.get("redirect_uri")) throw refuse("redirect_uri differs");
  if (code.challenge !== challenge) throw refuse("code_verifier does not match");
  const { scope, consentId } = code;
  const refreshToken = issue(bank, { kind: "refresh", scope, consentId }, refreshLifetimeSeconds);
  const idToken = await new SignJWT({
    nonce: code.nonce,
    openbanking_intent_id: consentId,
    acr: "urn:openbanking:psd2:sca",
  })
    .setProtectedHeader({ alg: "PS256", kid: bank.key.kid })
    .setIssuer(bank.issuer)
    .setSubject(createHash("sha256").update(`customer|${bank.client.id}`).digest("hex").slice(0, 32))
    .setAudience(bank.client.id)
    .setIssuedAt(Math.floor(bank.now().getTime() / 1_000))
    .setExpirationTime(Math.floor(bank.now().getTime() / 1_000) + idTokenLifetimeSeconds)
    .sign(await importPKCS8(bank.key.privatePem, "PS256"));
  return [200, { ...access(bank, { scope, consentId }), refresh_token: refreshToken, id_token: idToken }];
}

function refresh(bank: Bank, form: URLSearchParams): [number, object] {
  const known = bank.tokens.get(form.get("refresh_token") ?? "");
  const consent = bank.consents.get(known?.consentId ?? "");
  if (known?.kind !== "refresh" || known.expiresAtMs < bank.now().getTime() || consent?.status === "DELETED") {
    throw new OAuthRefusal("invalid_grant", "the refresh token is unknown or has ended");
  }
  const { scope, consentId } = known;
  return [200, access(bank, { scope, ...(consentId === undefined ? {} : { consentId }) })];
}

function access(bank: Bank, grant: Pick<Grant, "scope" | "consentId">): object {
  const token = issue(bank, { kind: "access", ...grant }, accessLifetimeSeconds);
  const scope = grant.consentId === undefined ? grant.scope : `openid ${grant.scope}`;
  return { access_token: token, token_type: "Bearer", expires_in: accessLifetimeSeconds, scope };
}

function issue(bank: Bank, grant: Omit<Grant, "expiresAtMs">, lifetimeSeconds: number): string {
  const token = randomBytes(32).toString("base64url");
  bank.tokens.set(token, { ...grant, expiresAtMs: bank.now().getTime() + lifetimeSeconds * 1_000 });
  return token;
}
