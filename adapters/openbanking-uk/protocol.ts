import { randomUUID } from "node:crypto";
import { Fault } from "#capability";
import type { Protocol, RawAnswer, SigningContext, VendorFailure, VendorRequest } from "#capability";
import { bankMetadata, invalidAnswer, withBankKeys } from "./bank.ts";
import type { Metadata } from "./bank.ts";
import type { Config } from "./config.ts";
import { clientAssertion, detachedSignature } from "./sign.ts";
import type { operations } from "./vendor.d.ts";
import { verifyDetached } from "./verify.ts";

type Context = SigningContext<Config, operations>;

const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/** Where the discovery document says that an operation of the authorisation server stands. */
const endpoints: Record<string, keyof Metadata & `${string}_${string}`> = {
  Jwks: "jwks_uri",
  TokenClientCredentials: "token_endpoint",
  TokenAuthorizationCode: "token_endpoint",
  TokenRefreshToken: "token_endpoint",
  PushAuthorizationRequest: "pushed_authorization_request_endpoint",
};

/** What bears signatures both ways: the payment initiation API. */
const payments: ReadonlySet<string> = new Set<keyof operations>([
  "CreateDomesticPaymentConsents",
  "GetDomesticPaymentConsentsConsentId",
  "CreateDomesticPayments",
  "GetDomesticPaymentsDomesticPaymentId",
]);

/** FAPI with private_key_jwt and PAR, and OBIE message signing on payment bodies in both directions. */
export const protocol: Protocol<Config, operations> = {
  baseUrl: (config, operation) =>
    operation === "OpenIdConfiguration" || operation in endpoints ? config.issuer : config.apiBaseUrl,

  async authorize(request, context) {
    if (request.operation === "OpenIdConfiguration") return;
    const endpoint = endpoints[request.operation];
    if (endpoint === undefined) return authorizeResource(request, context);
    const metadata = await before(() => bankMetadata(context.vendor, context.config, context.now));
    request.url = new URL(String(metadata[endpoint]));
    request.headers["host"] = request.url.host;
    if (request.operation !== "Jwks") await authenticate(request, context);
  },

  async verify(answer, request, context) {
    try {
      checkInteraction(answer, request);
      if (isPayments(request) && answer.bytes.length > 0) await checkSignature(answer, context);
    } catch (error) {
      // Whatever failed here, the bank has acted on the request: a "not sent" of the key's fetch must not speak for it.
      throw error instanceof Fault && error.code === "vendor_invalid_answer" && error.outcome === "unknown"
        ? error
        : invalidAnswer(error instanceof Error ? error.message : "verification failed", error);
    }
  },

  failure: ({ status, headers, body }) => (status < 400 ? undefined : refusal(status, headers, body)),
};

/** Adds the client's authentication to a form (RFC 7523 2.2). */
async function authenticate(request: VendorRequest, { config, now }: Context): Promise<void> {
  const form = new URLSearchParams(request.body?.toString("utf8"));
  form.set("client_id", config.clientId);
  form.set("client_assertion_type", assertionType);
  form.set("client_assertion", await clientAssertion(config, now));
  request.body = Buffer.from(form.toString());
}

async function authorizeResource(request: VendorRequest, context: Context): Promise<void> {
  request.headers["x-fapi-interaction-id"] = randomUUID();
  request.headers["authorization"] ??= `Bearer ${await before(() => clientToken(request, context))}`;
  if (isPayments(request) && request.body !== undefined) {
    request.headers["x-jws-signature"] = await detachedSignature(request.body, context.config, context.now);
  }
}

async function clientToken(request: VendorRequest, { vendor, now }: Context): Promise<string> {
  const scope = isPayments(request) ? "payments" : "accounts";
  return vendor.credential(`client:${scope}`, async () => {
    const { body } = await vendor.call("TokenClientCredentials", { body: { grant_type: "client_credentials", scope } });
    return { value: body.access_token, expiresAt: new Date(now.getTime() + body.expires_in * 1_000) };
  });
}

/** What fails before the request itself goes out says nothing of its effect but that it was not sent. */
async function before<T>(prepare: () => Promise<T>): Promise<T> {
  try {
    return await prepare();
  } catch (error) {
    if (!(error instanceof Fault) || error.outcome !== "unknown") throw error;
    const { vendor, retryAfterSeconds, counts } = error;
    throw new Fault(error.code, {
      outcome: "not_sent",
      detail: error.message,
      counts,
      cause: error,
      ...(vendor === undefined ? {} : { vendor }),
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    });
  }
}

function checkInteraction(answer: RawAnswer, request: VendorRequest): void {
  const sent = request.headers["x-fapi-interaction-id"];
  const echoed = answer.headers["x-fapi-interaction-id"];
  if (sent !== undefined && echoed !== undefined && echoed.toLowerCase() !== sent) {
    throw invalidAnswer("x-fapi-interaction-id belongs to another request");
  }
}

async function checkSignature(answer: RawAnswer, { config, vendor, now }: Context): Promise<void> {
  const signature = answer.headers["x-jws-signature"];
  if (signature === undefined) throw invalidAnswer("a payment answer without x-jws-signature");
  const expected = { issuer: config.bankOrganisationId, trustAnchor: config.trustAnchor, now };
  await withBankKeys(vendor, now, (keys) => verifyDetached(signature, answer.bytes, keys, expected));
}

/** OBErrorResponse1, an OAuth error, or a bare status (RFC 6750 3 names the error in WWW-Authenticate). */
function refusal(status: number, headers: Readonly<Record<string, string>>, body: unknown): VendorFailure | undefined {
  if (isRecord(body)) {
    if (typeof body["error"] === "string") return failure(body["error"], body["error_description"]);
    const first: unknown = Array.isArray(body["Errors"]) ? body["Errors"][0] : undefined;
    if (isRecord(first) && typeof first["ErrorCode"] === "string") return failure(first["ErrorCode"], first["Message"]);
  }
  if (status >= 500) return undefined;
  const challenge = /\berror="([a-z_]{1,64})"/.exec(headers["www-authenticate"] ?? "")?.[1];
  return { code: challenge ?? String(status) };
}

function failure(code: string, message: unknown): VendorFailure {
  return typeof message === "string" && message !== "" ? { code, message } : { code };
}

function isPayments(request: VendorRequest): boolean {
  return payments.has(request.operation);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
