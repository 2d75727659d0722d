import { defineMock } from "#mocks";
import type { WireRequest } from "#mocks";
import { aisp } from "./mock/aisp.ts";
import { resource } from "./mock/answers.ts";
import { openBank } from "./mock/bank.ts";
import { kitFacts } from "./mock/kit.ts";
import { authenticated, jwks, metadata } from "./mock/oauth.ts";
import { authorizePage } from "./mock/page.ts";
import { pisp } from "./mock/pisp.ts";

const aispBase = "/open-banking/v4.0/aisp";
const pispBase = "/open-banking/v4.0/pisp";

/** Method and path to operation; a segment in braces stands for any. */
const routes: readonly [method: string, path: RegExp, operation: string][] = [
  ["GET", /^\/\.well-known\/openid-configuration$/, "OpenIdConfiguration"],
  ["GET", /^\/jwks$/, "Jwks"],
  ["POST", /^\/par$/, "PushAuthorizationRequest"],
  ["POST", route(aispBase, "account-access-consents"), "CreateAccountAccessConsents"],
  ["GET", route(aispBase, "account-access-consents/{}"), "GetAccountAccessConsentsConsentId"],
  ["DELETE", route(aispBase, "account-access-consents/{}"), "DeleteAccountAccessConsentsConsentId"],
  ["GET", route(aispBase, "accounts"), "GetAccounts"],
  ["GET", route(aispBase, "accounts/{}"), "GetAccountsAccountId"],
  ["GET", route(aispBase, "accounts/{}/balances"), "GetAccountsAccountIdBalances"],
  ["GET", route(aispBase, "accounts/{}/transactions"), "GetAccountsAccountIdTransactions"],
  ["POST", route(pispBase, "domestic-payment-consents"), "CreateDomesticPaymentConsents"],
  ["GET", route(pispBase, "domestic-payment-consents/{}"), "GetDomesticPaymentConsentsConsentId"],
  ["POST", route(pispBase, "domestic-payments"), "CreateDomesticPayments"],
  ["GET", route(pispBase, "domestic-payments/{}"), "GetDomesticPaymentsDomesticPaymentId"],
];

const grants: Readonly<Record<string, string>> = {
  client_credentials: "TokenClientCredentials",
  authorization_code: "TokenAuthorizationCode",
  refresh_token: "TokenRefreshToken",
};

/** A bank of the standard, with an authorisation server of its own, one client and one customer. */
export default defineMock({
  adapter: "openbanking-uk",
  title: "Model bank (UK Open Banking 4.0)",
  spec: new URL("./vendor.openapi.yaml", import.meta.url),
  async create(context) {
    const { bank, clientPem } = await openBank(context);
    return {
      // Named as openid-client's discovery() and PrivateKeyJwt() take them.
      credentials: {
        server: bank.issuer,
        clientId: bank.client.id,
        kid: bank.client.key.kid,
        privateKeyPem: clientPem,
      },
      config: {
        issuer: bank.issuer,
        apiBaseUrl: bank.issuer,
        clientId: bank.client.id,
        signingKeyPem: clientPem,
        signingKeyId: bank.client.key.kid,
        organisationId: bank.client.organisationId,
        softwareStatementId: bank.client.softwareStatementId,
        bankOrganisationId: bank.organisationId,
        trustAnchor: bank.trustAnchor,
      },
      operationOf,
      async handle(request, operation) {
        if (operation === "OpenIdConfiguration") return metadata(bank);
        if (operation === "Jwks") return jwks(bank);
        if (request.path.startsWith(aispBase))
          return resource(bank, request, false, () => aisp(bank, request, operation));
        if (request.path.startsWith(pispBase))
          return resource(bank, request, true, () => pisp(bank, request, operation));
        return authenticated(bank, request, operation);
      },
      notFound: (request) => ({ status: isKnownPath(request.path) ? 405 : 404 }),
      page: (request) => authorizePage(bank, request),
      kit: kitFacts(bank),
    };
  },
});

function operationOf(request: WireRequest): string | undefined {
  if (request.path === "/token") {
    if (request.method !== "POST") return undefined;
    // An unknown grant is refused by the same endpoint; it is checked as the simplest of the three.
    return (
      grants[new URLSearchParams(request.body.toString("utf8")).get("grant_type") ?? ""] ?? "TokenClientCredentials"
    );
  }
  return routes.find(([method, path]) => method === request.method && path.test(request.path))?.[2];
}

function isKnownPath(path: string): boolean {
  return path === "/token" || routes.some(([, known]) => known.test(path));
}

function route(base: string, path: string): RegExp {
  return new RegExp(`^${base.replaceAll(".", "\\.")}/${path.replaceAll("{}", "[^/]+")}$`);
}
