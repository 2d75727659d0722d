import { done, Fault, rejected } from "#capability";
import type { Call, CallbackCall, Capability, OperationId, Output, ResourceView } from "#capability";
import { open, redeem } from "./authorise.ts";
import type { Authorisation } from "./authorise.ts";
import type { Vendor } from "./bank.ts";
import type { Config } from "./config.ts";
import { asCustomer } from "./customer.ts";
import { readEvent } from "./event.ts";
import { compare, initiationOf } from "./initiation.ts";
import { paymentBody, progressOf } from "./progress.ts";
import type { PaymentRequest } from "./progress.ts";
import { changed, readPaymentState } from "./state.ts";
import type { PaymentState } from "./state.ts";
import type { operations } from "./vendor.d.ts";

type Resource = ResourceView<Output<"bankPayments.get">>;
type Waiting = Pick<Resource, "id" | "createdAt" | "request" | "state">;
type AnyCall = Pick<Call<OperationId, Config>, "callbackUrl" | "config" | "now">;

/** Refusals that say nothing of the payment and may pass: the customer's authorisation still stands. */
const passing: ReadonlySet<string> = new Set(["vendor_rate_limited", "vendor_unavailable", "vendor_unauthenticated"]);
/** How long the standard keeps an x-idempotency-key. */
const idempotencyLifetimeMs = 24 * 3_600_000;
/** After the last URL was given out: how long a customer may still stand on the bank's page. */
const pageLifetimeMs = 3_600_000;

/** Single domestic payments: `/domestic-payment-consents`, the customer's authorisation, `/domestic-payments`. */
export const bankPayments: Capability<"bankPayments", operations, Config> = {
  async create(call, vendor) {
    const request = call.input.body;
    const resource = { id: call.id, createdAt: call.now, request, state: undefined };
    return awaiting(resource, await stage(call, call.reference, request, vendor));
  },

  async get(call, vendor) {
    const { resource } = call;
    if (resource === undefined) throw rejected("resource_not_found");
    const state = readPaymentState(resource.state);
    if (state === undefined) {
      // The creation's answer was lost, so nobody can authorise what it staged. The same x-idempotency-key finds it again.
      return awaiting(resource, await stage(call, resource.reference, requestOf(resource), vendor));
    }
    if (state.paymentId !== undefined) return follow(resource, state, state.paymentId, vendor);
    return state.tokens === undefined
      ? askConsent(call, resource, state, vendor)
      : submit(call, resource, state, vendor);
  },
};

/** What the customer came back with: a code to redeem and pay with at once, or their refusal. */
export async function receivePayment(call: CallbackCall<"bankPayments", Config>, vendor: Vendor) {
  const { resource } = call;
  const state = readPaymentState(resource?.state);
  if (resource === undefined || state === undefined) throw rejected("resource_not_found");
  if (resource.status === "completed" || resource.status === "rejected") return done(resource.body);
  const event = readEvent(call.event);
  if (state.paymentId !== undefined) return follow(resource, state, state.paymentId, vendor);
  if (resource.status !== "awaiting_authorisation" || state.tokens !== undefined) {
    return state.tokens === undefined
      ? askConsent(call, resource, state, vendor)
      : submit(call, resource, state, vendor);
  }
  if (event.code === undefined) return askConsent(call, resource, state, vendor, event.error === "access_denied");
  const tokens = await redeem(
    authorisation(call, resource.reference, state.consentId),
    state.opening,
    event.code,
    vendor,
  );
  const authorised = { ...state, tokens, submittedAt: call.now.toISOString() };
  // A code is redeemed once: should the process die before the payment is known, recovery goes on with these tokens.
  await vendor.keep(authorised);
  try {
    return await submit(call, resource, authorised, vendor);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    // Not known, or not sent: the tokens must not be lost with the answer, for `get` goes on with them.
    return done(paymentBody(resource, "processing"), { state: authorised });
  }
}

async function stage(call: AnyCall, reference: string, request: PaymentRequest, vendor: Vendor): Promise<PaymentState> {
  const initiation = initiationOf(request, reference);
  const context = call.config.paymentContext;
  const { body } = await vendor.call("CreateDomesticPaymentConsents", {
    header: { "x-idempotency-key": reference },
    body: { Data: { Initiation: initiation }, Risk: { PaymentContextCode: context } },
  });
  compare(initiation, body.Data.Initiation);
  const { ConsentId: consentId } = body.Data;
  return { consentId, context, opening: await open(authorisation(call, reference, consentId), vendor) };
}

/**
 * Pays with the customer's token. The key is derived from the reference, so a repeat within 24 hours finds the first
 * payment; a refusal is believed only if the bank's consent was not consumed, for it may answer a repeat.
 */
async function submit(call: AnyCall, resource: Resource, state: PaymentState, vendor: Vendor) {
  const { submittedAt } = state;
  if (submittedAt !== undefined && call.now.getTime() - Date.parse(submittedAt) > idempotencyLifetimeMs) {
    return settle(resource, state, vendor);
  }
  const initiation = initiationOf(requestOf(resource), resource.reference);
  try {
    const customer = { reference: resource.reference, tokens: state.tokens, vendor, now: call.now };
    const { body } = await asCustomer(customer, (authorization) =>
      vendor.call("CreateDomesticPayments", {
        header: { authorization, "x-idempotency-key": `${resource.reference}.pay` },
        body: {
          Data: { ConsentId: state.consentId, Initiation: initiation },
          Risk: { PaymentContextCode: state.context },
        },
      }),
    );
    compare(initiation, body.Data.Initiation);
    const paymentId = body.Data.DomesticPaymentId;
    return done(progressOf(resource, body.Data), { state: { ...state, paymentId } });
  } catch (error) {
    if (!(error instanceof Fault) || error.outcome !== "rejected" || passing.has(error.code)) throw error;
    return settle(resource, state, vendor, error);
  }
}

/** After a refusal or past the key's life: a consent that was consumed has paid; any other never will, for we stop. */
async function settle(resource: Resource, state: PaymentState, vendor: Vendor, fault?: Fault) {
  const consent = await readConsent(resource, state, vendor);
  if (consent.Status === "COND") return done(paymentBody(resource, "processing"), changed(resource.state, state));
  const words = fault?.vendor;
  const failure = {
    code: fault?.code === "consent_not_authorised" ? "session_expired" : (fault?.code ?? "session_expired"),
    detail: "The bank did not take the payment.",
    ...(words !== undefined && { vendor: { adapter: words.adapter, code: words.code } }),
  };
  return done(paymentBody(resource, "rejected", { failure }), changed(resource.state, state));
}

async function follow(resource: Resource, state: PaymentState, paymentId: string, vendor: Vendor) {
  const input = { path: { DomesticPaymentId: paymentId } };
  const { body } = await vendor.call("GetDomesticPaymentsDomesticPaymentId", input);
  compare(initiationOf(requestOf(resource), resource.reference), body.Data.Initiation);
  return done(progressOf(resource, body.Data), changed(resource.state, state));
}

/** No token yet: what the bank says of the consent. `declined`: the customer came back with a refusal. */
async function askConsent(call: AnyCall, resource: Resource, state: PaymentState, vendor: Vendor, declined = false) {
  const { Status: status } = await readConsent(resource, state, vendor);
  if (status === "COND") return done(paymentBody(resource, "processing"));
  if (status === "RJCT" || (declined && status === "AWAU")) {
    const failure = { code: "authorisation_declined", detail: "The customer or the bank declined." };
    return done(paymentBody(resource, "rejected", { failure }));
  }
  const closesAtMs = resource.createdAt.getTime() + call.config.authorisationLifetimeSeconds * 1_000;
  if (call.now.getTime() >= closesAtMs + pageLifetimeMs) {
    const failure = { code: "session_expired", detail: "The customer did not approve in time." };
    return done(paymentBody(resource, "rejected", { failure }));
  }
  if (call.now.getTime() >= closesAtMs) return awaiting(resource, state);
  const opening = await open(authorisation(call, resource.reference, state.consentId), vendor, state.opening);
  return awaiting(resource, { ...state, opening });
}

async function readConsent(resource: Resource, state: PaymentState, vendor: Vendor) {
  const input = { path: { ConsentId: state.consentId } };
  const { body } = await vendor.call("GetDomesticPaymentConsentsConsentId", input);
  compare(initiationOf(requestOf(resource), resource.reference), body.Data.Initiation);
  return body.Data;
}

function awaiting(resource: Waiting, state: PaymentState) {
  const authorisationUrl = state.opening.url;
  return done(paymentBody(resource, "awaiting_authorisation", { authorisationUrl }), changed(resource.state, state));
}

function authorisation(call: AnyCall, reference: string, consentId: string): Authorisation {
  const { callbackUrl, config, now } = call;
  return { kind: "bankPayments", reference, consentId, callbackUrl, config, now };
}

function requestOf(resource: Pick<Resource, "request">): PaymentRequest {
  return resource.request as PaymentRequest;
}
