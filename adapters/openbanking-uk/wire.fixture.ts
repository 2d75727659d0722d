import { errorRow, Fault } from "#capability";
import type { Call, CallbackCall, Credential, OperationId, Outcome, Output, ResourceView } from "#capability";
import type { RunningMock } from "#mocks";
import type { Vendor } from "./bank.ts";
import type { Config } from "./config.ts";
import adapter from "./index.ts";
import { protocol } from "./protocol.ts";
import type { operations } from "./vendor.d.ts";

const aisp = "/open-banking/v4.0/aisp";
const pisp = "/open-banking/v4.0/pisp";

const routes: Record<keyof operations, [method: string, path: string]> = {
  OpenIdConfiguration: ["GET", "/.well-known/openid-configuration"],
  Jwks: ["GET", "/jwks"],
  TokenClientCredentials: ["POST", "/token"],
  TokenAuthorizationCode: ["POST", "/token"],
  TokenRefreshToken: ["POST", "/token"],
  PushAuthorizationRequest: ["POST", "/par"],
  CreateAccountAccessConsents: ["POST", `${aisp}/account-access-consents`],
  GetAccountAccessConsentsConsentId: ["GET", `${aisp}/account-access-consents/{ConsentId}`],
  DeleteAccountAccessConsentsConsentId: ["DELETE", `${aisp}/account-access-consents/{ConsentId}`],
  GetAccounts: ["GET", `${aisp}/accounts`],
  GetAccountsAccountId: ["GET", `${aisp}/accounts/{AccountId}`],
  GetAccountsAccountIdBalances: ["GET", `${aisp}/accounts/{AccountId}/balances`],
  GetAccountsAccountIdTransactions: ["GET", `${aisp}/accounts/{AccountId}/transactions`],
  CreateDomesticPaymentConsents: ["POST", `${pisp}/domestic-payment-consents`],
  GetDomesticPaymentConsentsConsentId: ["GET", `${pisp}/domestic-payment-consents/{ConsentId}`],
  CreateDomesticPayments: ["POST", `${pisp}/domestic-payments`],
  GetDomesticPaymentsDomesticPaymentId: ["GET", `${pisp}/domestic-payments/{DomesticPaymentId}`],
};

/** The adapter's way to the mock without the core's road: the protocol, the error table, a credential cache. */
export function wireClient(config: Config, now: () => Date = () => new Date()): Vendor {
  const cache = new Map<string, Credential>();
  const client: Vendor = {
    async call(operation, input) {
      const { path = {}, query = {}, header = {}, body } = input as Record<string, Record<string, string> | undefined>;
      const [method, template] = routes[operation];
      const isForm = operation.startsWith("Token") || operation === "PushAuthorizationRequest";
      const wirePath = template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(path[name] ?? ""));
      const url = new URL(protocol.baseUrl(config, operation).replace(/\/$/, "") + wirePath);
      for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
      const encoded = isForm ? new URLSearchParams(body).toString() : JSON.stringify(body);
      const type = isForm ? "application/x-www-form-urlencoded" : "application/json";
      const headers: Record<string, string> = { host: url.host, ...header, ...(body && { "content-type": type }) };
      const request = { operation, method, url, headers, body: body && Buffer.from(encoded) };
      const context = { config, reference: "", attempt: 1, now: now(), vendor: client };
      await protocol.authorize(request, context);
      const { host: _, ...sent } = request.headers;
      const init = { method, headers: sent, ...(request.body && { body: new Uint8Array(request.body) }) };
      const answer = await fetch(request.url, init).catch((error: unknown) => {
        throw new Fault("vendor_fault", { outcome: "unknown", counts: true, cause: error });
      });
      const bytes = Buffer.from(await answer.arrayBuffer());
      const raw = { status: answer.status, headers: Object.fromEntries(answer.headers), bytes };
      if (typeof protocol.verify === "function") await protocol.verify(raw, request, context);
      const parsed: unknown = bytes.length === 0 ? undefined : JSON.parse(bytes.toString("utf8"));
      const refused = protocol.failure({ status: raw.status, headers: raw.headers, body: parsed }, operation);
      if (refused !== undefined) throw faultOf(refused, operation);
      return { status: raw.status, headers: raw.headers, body: parsed as never };
    },
    keep: async () => {},
    async credential(key, obtain) {
      const known = cache.get(key);
      const credential = known !== undefined && known.expiresAt > now() ? known : await obtain();
      cache.set(key, credential);
      return credential.value;
    },
  };
  return client;
}

function faultOf(refused: { code: string; message?: string }, operation: string): Fault {
  const row = errorRow(adapter.errors, refused.code, operation);
  const vendor = { adapter: adapter.name, ...refused };
  return new Fault(row?.problem ?? "vendor_fault", { outcome: row?.outcome ?? "unknown", vendor });
}

export const callbackUrl = "http://127.0.0.1:9/callbacks/openbanking-uk";

interface Kept {
  reference: string;
  createdAt: Date;
  request: unknown;
  status?: string;
  state?: unknown;
}

/** The resource as the core would give it back. */
export function resourceOf<Body>(
  id: string,
  { reference, createdAt, request, status, state }: Kept,
): ResourceView<Body> {
  return { id, reference, status: status ?? "awaiting_authorisation", body: {} as Body, state, createdAt, request };
}

/** A call as the core would make it; `rest` names what differs. */
export function callOf<Id extends OperationId>(operationId: Id, config: Config, rest: object): Call<Id, Config> {
  const common = {
    operationId,
    id: operationId.startsWith("bankPayments") ? "pay_01JD9ZK3V7W8X9Y0Z1A2B3" : "cns_01JD9ZK3V7W8X9Y0Z1A2B3",
    reference: "",
    input: { path: {}, query: {}, body: undefined },
    resource: undefined,
    parents: {},
    partner: { id: "partner" },
    config,
    callbackUrl,
    now: new Date(),
  };
  return { ...common, ...rest } as unknown as Call<Id, Config>;
}

/** The same call with what the customer's browser brought. */
export function callbackOf<C extends "consents" | "bankPayments">(
  call: Call<`${C}.get`, Config>,
  event: unknown,
): CallbackCall<C, Config> {
  return { ...call, event } as unknown as CallbackCall<C, Config>;
}

/** What came of it, or the fault thrown. */
export function doneOf<Id extends OperationId>(outcome: Outcome<Id>): { body: Output<Id>; state?: unknown } {
  if (outcome.outcome !== "done") throw outcome.fault;
  return outcome;
}

/** The customer decides on the bank's page; answers with where the bank sends their browser. */
export async function decide(url: string | undefined, decision: "approve" | "deny"): Promise<URL> {
  if (url === undefined) throw new Error("there is no authorisation URL");
  const answer = await fetch(url, { method: "POST", body: new URLSearchParams({ decision }), redirect: "manual" });
  const location = answer.headers.get("location");
  if (answer.status !== 303 || location === null) throw new Error(`the page answered ${answer.status}`);
  return new URL(location);
}

/** How often an operation reached the mock. */
export function countOf(mock: RunningMock, operation: keyof operations): number {
  return mock.exchanges.filter((exchange) => exchange.operation === operation).length;
}
