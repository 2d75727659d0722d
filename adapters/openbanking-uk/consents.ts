import { done, Fault, rejected } from "#capability";
import type { Call, CallbackCall, Capability, OperationId, Output, ResourceView } from "#capability";
import { open, redeem } from "./authorise.ts";
import type { Authorisation } from "./authorise.ts";
import { invalidAnswer } from "./bank.ts";
import type { Vendor } from "./bank.ts";
import { readEvent } from "./event.ts";
import type { Config } from "./config.ts";
import { permissionsOf } from "./permissions.ts";
import { changed, readConsentState } from "./state.ts";
import type { ConsentState } from "./state.ts";
import type { components, operations } from "./vendor.d.ts";

type Consent = Output<"consents.get">;
type Request = Call<"consents.create">["input"]["body"];
type AnyCall = Pick<Call<OperationId, Config>, "id" | "callbackUrl" | "config" | "now">;
type BankConsent = components["schemas"]["ReadConsentAnswer"]["Data"];

/** Consents to read accounts: `/account-access-consents` and the customer's authorisation of it. */
export const consents: Capability<"consents", operations, Config> = {
  async create(call, vendor) {
    const state = await stage(call, call.reference, call.input.body, vendor);
    return answer(bodyOf(call, call.input.body, call.now, "awaiting_authorisation"), state);
  },

  async get(call, vendor) {
    const { resource } = call;
    if (resource === undefined) throw rejected("resource_not_found");
    const request = resource.request as Request;
    const known = readConsentState(resource.state);
    if (known !== undefined) return current(call, resource, known, vendor);
    // The creation's answer was lost, so nobody can authorise what it staged: stage it anew.
    const state = await stage(call, resource.reference, request, vendor);
    return answer(bodyOf(call, request, resource.createdAt, "awaiting_authorisation"), state);
  },

  async revoke(call, vendor) {
    const { resource } = call;
    if (resource === undefined) throw rejected("resource_not_found");
    if (resource.status === "rejected" || resource.status === "expired") throw rejected("resource_state_conflict");
    const state = readConsentState(resource.state);
    if (state !== undefined) await remove(state.consentId, vendor);
    return done(bodyOf(call, resource.request as Request, resource.createdAt, "revoked"));
  },
};

/** What the customer came back with: a code to redeem, or their refusal. */
export async function receiveConsent(call: CallbackCall<"consents", Config>, vendor: Vendor) {
  const { resource } = call;
  const state = readConsentState(resource?.state);
  if (resource === undefined || state === undefined) throw rejected("resource_not_found");
  if (["rejected", "revoked", "expired"].includes(resource.status)) return done(resource.body);
  const event = readEvent(call.event);
  if (event.code === undefined || state.tokens !== undefined || resource.status !== "awaiting_authorisation") {
    return current(call, resource, state, vendor, event.error === "access_denied");
  }
  const tokens = await redeem(
    authorisation(call, resource.reference, state.consentId),
    state.opening,
    event.code,
    vendor,
  );
  return current(call, resource, { ...state, tokens }, vendor);
}

async function stage(call: AnyCall, reference: string, request: Request, vendor: Vendor): Promise<ConsentState> {
  const permissions = permissionsOf(request.permissions);
  const { body } = await vendor.call("CreateAccountAccessConsents", {
    body: {
      Data: {
        Permissions: permissions,
        ExpirationDateTime: request.expiresAt,
        ...(request.transactionsFromDate && { TransactionFromDateTime: `${request.transactionsFromDate}T00:00:00Z` }),
        ...(request.transactionsToDate && { TransactionToDateTime: `${request.transactionsToDate}T23:59:59Z` }),
      },
      Risk: {},
    },
  });
  const granted = body.Data.Permissions;
  if (granted.length !== permissions.length || !permissions.every((permission) => granted.includes(permission))) {
    throw invalidAnswer("the bank staged other permissions than were asked for");
  }
  const { ConsentId: consentId } = body.Data;
  return { consentId, opening: await open(authorisation(call, reference, consentId), vendor) };
}

/** The consent as the bank knows it now. A customer who declined is believed unless the bank says that they authorised. */
async function current(
  call: AnyCall,
  resource: Pick<ResourceView, "reference" | "createdAt" | "request" | "state">,
  state: ConsentState,
  vendor: Vendor,
  declined = false,
) {
  const request = resource.request as Request;
  const body = (status: Consent["status"], extra: Partial<Consent> = {}) =>
    bodyOf(call, request, resource.createdAt, status, extra);
  const bank = await readConsent(state.consentId, vendor);
  if (bank === undefined) return gone(body, state);
  const status = statusOf(bank, state, Date.parse(request.expiresAt) <= call.now.getTime(), declined);
  if (status === "authorised") {
    const authorisedAt = state.authorisedAt ?? new Date(bank.StatusUpdateDateTime).toISOString();
    return done(body(status, { authorisedAt }), changed(resource.state, { ...state, authorisedAt }));
  }
  if (status === "awaiting_authorisation") {
    const lastsUntilMs = resource.createdAt.getTime() + call.config.authorisationLifetimeSeconds * 1_000;
    if (call.now.getTime() < lastsUntilMs) {
      const opening = await open(authorisation(call, resource.reference, state.consentId), vendor, state.opening);
      const extra = changed(resource.state, { ...state, opening });
      return done({ ...body(status), authorisationUrl: opening.url }, extra);
    }
    // Ended at the bank first, so that nobody can authorise it any more.
    await remove(state.consentId, vendor);
    return done(
      body("expired", { failure: { code: "session_expired", detail: "The customer did not authorise in time." } }),
    );
  }
  if (status === "rejected") {
    // Declined at the page but still open at the bank: closed there, so that nobody can authorise it later.
    if (bank.Status === "AWAU") await remove(state.consentId, vendor);
    const failure = { code: "authorisation_declined", detail: "The customer or the bank declined." };
    return done(body(status, { failure }));
  }
  if (status === "expired") {
    return done(body(status, { failure: { code: "consent_expired", detail: "The consent has run out." } }));
  }
  return done(body(status));
}

/** The bank knows the consent no more: one that was authorised has ended, another can never be. */
function gone(body: (status: Consent["status"], extra?: Partial<Consent>) => Consent, state: ConsentState) {
  if (state.tokens !== undefined) return done(body("revoked"));
  const failure = { code: "authorisation_declined", detail: "The bank has dropped the consent." };
  return done(body("rejected", { failure }));
}

function statusOf(bank: BankConsent, state: ConsentState, runOut: boolean, declined: boolean): Consent["status"] {
  if (bank.Status === "CANC") return "revoked";
  if (bank.Status === "RJCT") return state.tokens === undefined ? "rejected" : "revoked";
  if (bank.Status === "EXPD" || runOut) return "expired";
  if (bank.Status === "AUTH" && state.tokens !== undefined) return "authorised";
  return declined && bank.Status === "AWAU" ? "rejected" : "awaiting_authorisation";
}

/** The consent as the bank has it, or undefined if it has none such (any more). */
async function readConsent(consentId: string, vendor: Vendor): Promise<BankConsent | undefined> {
  try {
    const { body } = await vendor.call("GetAccountAccessConsentsConsentId", { path: { ConsentId: consentId } });
    return body.Data;
  } catch (error) {
    if (!isGone(error)) throw error;
    return undefined;
  }
}

function isGone(error: unknown): boolean {
  return error instanceof Fault && error.code === "resource_not_found";
}

/** Ends the consent at the bank; one that is gone already is fine. */
async function remove(consentId: string, vendor: Vendor): Promise<void> {
  try {
    await vendor.call("DeleteAccountAccessConsentsConsentId", { path: { ConsentId: consentId } });
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}

function authorisation(call: AnyCall, reference: string, consentId: string): Authorisation {
  const { callbackUrl, config, now } = call;
  return { kind: "consents", reference, consentId, callbackUrl, config, now };
}

function answer(body: Consent, state: ConsentState) {
  return done({ ...body, authorisationUrl: state.opening.url }, { state });
}

function bodyOf(
  call: { id: string },
  request: Request,
  createdAt: Date,
  status: Consent["status"],
  extra: Partial<Consent> = {},
): Consent {
  return {
    id: call.id,
    status,
    permissions: request.permissions,
    expiresAt: request.expiresAt,
    ...(request.institution !== undefined && { institution: request.institution }),
    ...(request.reference !== undefined && { reference: request.reference }),
    createdAt: createdAt.toISOString(),
    ...extra,
  };
}
